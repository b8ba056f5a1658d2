/** The texts of My account, in English; the other languages have the same shape. */
export const myAccountInEnglish = {
  title: 'My account',
  login: { username: 'Username', email: 'Email' },
  leave: 'Close these pages',
  back: 'Back to my account',
  tooSoon: (seconds: number) =>
    `Too many wrong passwords. Try again in ${seconds === 1 ? 'a second' : `${seconds} seconds`}.`,

  done: {
    name: 'Your name is changed.',
    settings: 'Your settings are saved.',
    password: 'Your password is changed. You were logged out everywhere else.',
    device: 'The device is logged out.',
    others: 'You are logged out everywhere else.',
    unlinked: 'The link is removed.',
  },
  name: { title: 'Who you are', label: 'The name that others see', button: 'Change the name' },
  settings: {
    title: 'Language, mails and messages',
    language: 'Language',
    asBrowser: 'As my browser asks for',
    mailMissed: 'Mail me about calls that I missed while no device of mine could be reached',
    mailUnread: 'Mail me about messages that I have not read',
    mailNames: 'Say in these mails who called or wrote',
    tellsRead: 'Let contacts who want it too see how far I have read their messages',
    button: 'Save',
  },
  password: {
    title: 'Password',
    change: 'Change the password',
    old: 'Your password now',
    oldMissing: 'Enter the password you have now.',
    wrong: 'This is not your password.',
    same: 'This is your password already. Choose another one.',
    others: 'You will be logged out on every other device, and a mail will tell you of the change.',
    button: 'Change the password',
    none: (issuer: string) => `You have no password: you log in with ${issuer}.`,
    choose: 'Choose a password by a mailed link',
    forgot: 'Forgot it?',
    sure: 'Your password, to be sure that it is you',
    sureMissing: 'Enter your password.',
  },
  devices: {
    title: 'Where you are logged in',
    on: (browser: string, system: string) => `${browser} on ${system}`,
    unknown: 'A browser that we do not know',
    here: 'This device',
    from: (address: string) => `Logged in from ${address}`,
    onNow: 'On now',
    onWhenLoaded: 'On when this page was loaded:',
    seen: 'Last seen: about',
    out: 'Log out',
    outOf: (device: string) => `Log out ${device}`,
    others: 'Log out everywhere else',
  },
  issuer: {
    title: (issuer: string) => `Sign in with ${issuer}`,
    linked: (issuer: string, address: string | null) =>
      address === null ? `Your account at ${issuer} is linked.` : `Linked with ${address} at ${issuer}.`,
    unlink: 'Remove the link',
    sureTitle: 'Remove the link?',
    sure: (issuer: string) => `From then on you log in with your password, and not with ${issuer}.`,
    onlyWay: 'It is your only way to log in. To remove the link, choose a password first.',
    again: 'Logging in with it once more links it again.',
  },
  remove: {
    title: 'Delete my account',
    link: 'Delete my account …',
    about: 'Everything that says who you are is erased, and nobody can bring it back.',
    opening: 'If you delete your account:',
    effects: [
      'you are logged out everywhere, and no call can reach you any more',
      'your name, username, address, settings and mails are erased',
      'calls stay on record without your name',
      'nobody can bring it back',
    ],
    goOn: 'Go on',
    sureTitle: 'Delete it for good?',
    sure: (login: string) => `This deletes the account ${login}.`,
    button: 'Delete my account for good',
    fresh: (issuer: string) =>
      `To be sure that it is you: log out of Reachable, log in with ${issuer} anew, and come back here within 5 minutes.`,
    doneTitle: 'Your account is deleted',
    done: 'You are logged out everywhere. Thank you for having been reachable.',
  },
  left: {
    title: 'You closed these pages',
    text: 'Reachable stays logged in. To come back, choose “My account” from the menu under your initials.',
  },
  out: {
    title: 'You are logged out',
    text: 'This device is logged out of Reachable, and so are these pages.',
  },
  tooFast: {
    title: 'Too much at once',
    text: (seconds: number) =>
      `More was asked of these pages than anybody clicks. Nothing was changed. Try again in ${seconds === 1 ? 'a second' : `${seconds} seconds`}.`,
  },
  closed: {
    title: 'These pages are closed',
    text: 'They open from Reachable alone, and close when you log out and when nothing was done for half an hour. Nothing was changed. Log in to Reachable and choose “My account” from the menu under your initials.',
  },
  sure: {
    title: 'Open these account pages?',
    text: (name: string, login: string) =>
      `Another site led here. These are the pages of ${name} (${login}). Go on if that is you; otherwise close this page.`,
    button: (name: string) => `Continue as ${name}`,
  },
  code: {
    title: 'This link does not work any more',
    text: 'It works once, within a minute. Choose “My account” from the menu under your initials again.',
  },
}

export type MyAccountTexts = typeof myAccountInEnglish
