/** The texts of the pages around accounts, in English; the other languages have the same shape. */
export const pagesInEnglish = {
  summary: (errors: number) =>
    errors === 1 ? 'One thing has to be corrected:' : `${errors} things have to be corrected:`,
  errorTitle: (title: string) => `Error: ${title}`,
  tooOften: (minutes: number) =>
    `This was asked for many times within an hour. Please try again in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`,
  ready: 'You can close this page.',
  home: 'This server’s start page',

  forgot: {
    title: 'Forgot your password?',
    opening: 'Please enter your email or username. We send you a link to choose a new password.',
    login: 'Email or username',
    button: 'Send me a link',
    missing: 'Enter your email or username.',
    tooLong: 'An email or username has at most 254 characters.',
    sentTitle: 'Look into your mailbox',
    sent: 'If there is an account for what you entered, a mail with a link is on its way. The link works for 24 hours.',
    nothing: 'Nothing after a few minutes? Look into the spam folder too, and check what you entered.',
    again: 'Enter it again',
  },
  password: {
    label: 'New password',
    again: 'New password, once more',
    needs: 'It needs:',
    missing: 'Enter a new password.',
    broken: 'The password does not have all that it needs.',
    control: 'A password cannot have control characters in it, such as a tab or a line break.',
    differ: 'The two passwords are not the same.',
    enterAgain: 'Passwords are not kept on this page: please enter it again.',
    show: 'Show the password',
    hide: 'Hide the password',
    met: 'done',
    lacking: 'still missing',
    rules: {
      capital: 'a capital letter, A–Z',
      small: 'a small letter, a–z',
      digit: 'a digit, 0–9',
      other: 'one other character, such as ! or a space',
      length: '8 to 128 characters in all',
    },
    hard: 'And it must be hard to guess: no common password or name with something added, no row of keys, nothing of your own name or address.',
    weak: {
      own: 'This password is easy to guess, since it is built on your name, your address or the name of this place. Choose something that has nothing to do with you: three or four words that do not belong together, or what a password manager makes.',
      pattern:
        'This password is easy to guess: it is mostly keys beside each other, a repetition, a sequence or a date. Three or four words that do not belong together are better, or what a password manager makes.',
      common:
        'This password is easy to guess: it is a common password, word or name with something added, and those are tried first. Three or four words that do not belong together are better, or what a password manager makes.',
    },
  },
  reset: {
    title: 'Choose a new password',
    username: 'Your username',
    email: 'Your email',
    button: 'Set the new password',
    doneTitle: 'Your password is changed',
    done: 'Log in with the new password from now on. Every device was logged out: log in again where you want to be reachable.',
  },
  dead: {
    title: 'This link does not work any more',
    why: {
      unknown: 'It is not complete, or it is very old. Open it once more from the mail, or copy all of it.',
      used: 'It was used already, and a link works once. If that was not you, ask for a new one at once.',
      expired: 'Its time is over.',
      newer: 'A newer link was sent since. Use the one in the latest mail.',
      'password-changed': 'The password was changed after it was sent.',
      'address-changed': 'The email address of the account was changed after it was sent.',
      withdrawn: 'It was withdrawn.',
    },
    newReset: 'Ask for a new link',
    newInvitation: 'Ask whoever invited you for a new invitation.',
    newSignUp: 'Sign up once more',
    known: 'There is an account with this email address by now. Log in with it.',
  },
  register: {
    title: 'Set up your account',
    opening: 'Choose how you log in, and the name that others see.',
    email: 'Your email',
    username: 'Username',
    usernameHint: 'Letters a–z, digits, and the characters . _ -',
    name: 'Your name',
    button: 'Create the account',
    usernameErrors: {
      missing: 'Choose a username.',
      rule: 'A username has 1 to 64 letters a–z, digits, and the characters . _ - (no spaces, no accents).',
      taken: 'Somebody has this username already. Choose another one.',
    },
    nameErrors: {
      missing: 'Enter your name.',
      'too-long': 'A name has at most 100 characters.',
      control: 'A name cannot have control characters in it.',
    },
    doneTitle: 'Your account is ready',
    done: 'Open Reachable in your browser and log in with the username and password that you chose.',
  },
  signUp: {
    title: 'Sign up',
    opening: 'Please enter your email address. We send you a link to set up your account.',
    email: 'Email',
    button: 'Send me a link',
    missing: 'Enter your email address.',
    wrong: 'This is no email address. It should look like name@clinic.example.',
    domain: (domains: readonly string[]) =>
      `The address has to end in ${domains.map((d) => `@${d}`).join(' or ')}.`,
    sent: 'A mail is on its way to the address that you entered. Its link works for 24 hours.',
    closedTitle: 'This server takes no sign-ups',
    closed: 'Accounts are made by whoever runs it. Ask there for an invitation.',
  },
  landing: {
    title: 'This server is running',
    about:
      'Reachable is a light in the browser’s toolbar that tells its user, truthfully, whether calls can reach them, and that rings when one comes. This is the server behind the light. There is nothing to log in to on this page.',
    address: 'Server address',
    addressUse:
      'Were you asked to put in your server’s address? It is this one: copy it, and paste it into Reachable’s Options as the server address.',
    askForAddress:
      'Were you asked to put in your server’s address? Whoever runs this server gives it to you: ask there.',
    copy: 'Copy',
    copied: 'Copied',
    byHand:
      'This browser does not let a page copy. The address is selected: copy it with Ctrl+C, on a Mac with ⌘C.',
    stepsTitle: 'To be reachable',
    steps: [
      'Add the Reachable extension to your browser and pin its icon to the toolbar.',
      'Open it. If it does not know this server yet, put in the server address.',
      'Log in with the username and password you were given.',
      'A green disc means that a call has just been proven to get through to you.',
    ],
  },
  notFound: {
    title: 'There is nothing here',
    text: 'The address may be mistyped, or the room may belong to a call that nobody answered.',
  },
  room: {
    of: (from: string, to: string) => `${from} and ${to}`,
    title: 'Call answered',
    from: 'Calling',
    to: 'Answered by',
    at: 'Answered at',
  },
  signInStopped: {
    why: {
      'no-start': {
        title: 'This is not the way to log in',
        text: 'The address that this browser was sent to is not one that Reachable uses. Nothing was done.',
      },
      unknown: {
        title: 'This login is over',
        text: 'It was finished before, took too long, or was begun in another browser. Nothing was done.',
      },
    },
    advice: 'To log in, open Reachable from the browser’s toolbar and begin there. This page can be closed.',
  },
  trouble: {
    strangeTitle: 'This form did not come from here',
    strange: 'For your safety it was not accepted. Open the page anew and enter it there.',
    anew: 'Open the page anew',
    tooLargeTitle: 'This is too much',
    tooLarge: 'What was entered is longer than this server takes. Go back and shorten it.',
    failedTitle: 'Something went wrong',
    failed: 'Nothing was changed. Please try again in a little while.',
    busyTitle: 'Too many at once',
    busy: 'Too much is going on here at this moment. Nothing was changed. Go back and try again in a few seconds.',
  },
}

export type PageTexts = typeof pagesInEnglish
