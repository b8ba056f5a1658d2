import type { KeyScope } from '../../key-scopes.ts'

/** The texts of the mails, in English; the other languages have the same shape. */
export const mailsInEnglish = {
  greeting: (name: string) => `Hello ${name},`,
  greetingWithoutName: 'Hello,',
  orCopy: 'If the button does not work, copy this address into your browser:',
  sentBy: (host: string) =>
    `This mail was sent by the Reachable server at ${host}. Nobody reads replies to it.`,
  username: 'Your username',
  when: 'When',
  address: 'From the address',
  /** Around what somebody else wrote. */
  quoted: (written: string) => `“${written}”`,

  reset: {
    subject: 'Choose a new password',
    opening: 'Someone, most likely you, asked for a new password for your account.',
    username: 'Your username',
    button: 'Choose a new password',
    life: 'The link works once, for the next 24 hours.',
    ignore:
      'If it was not you, there is nothing to do: ignore this mail, and your password stays as it is. Do not pass the link on to anyone.',
  },
  changed: {
    subject: 'Your password was changed',
    opening:
      'The password of your account was changed. Devices that were logged in with the old one were logged out.',
    username: 'Your username',
    when: 'Changed at',
    ifYou: 'If that was you, all is well: log in with the new password.',
    ifNot: 'If it was not you, choose a new password at once, and tell whoever runs your server.',
    button: 'It was not me',
  },
  invitation: {
    subject: 'Your Reachable account',
    opening:
      'You are invited to Reachable: a light in your browser that shows whether calls can reach you, and that rings when one comes.',
    button: 'Set up your account',
    life: 'The link works once, for the next 7 days. It lets you choose your username and your password.',
    ignore: 'If you did not expect this, you may ignore it: no account is made without you.',
  },
  signUp: {
    subject: 'Confirm your email address',
    opening: 'Someone, most likely you, wants a Reachable account with this email address.',
    button: 'Confirm and go on',
    life: 'The link works once, for the next 24 hours. It lets you choose your username and your password.',
    ignore: 'If it was not you, you may ignore this mail: no account is made without you.',
  },
  known: {
    subject: 'You have an account already',
    opening:
      'Someone, most likely you, asked for a Reachable account with this email address. There is one already, so none was made.',
    username: 'Your username',
    forgot: 'If you have forgotten your password, choose a new one:',
    button: 'Choose a new password',
    ignore: 'If it was not you, you may ignore this mail: nothing was changed.',
  },
  missed: {
    subject: (calls: number) => (calls === 1 ? 'You missed a call' : `You missed ${calls} calls`),
    opening: (calls: number) =>
      calls === 1
        ? 'A call for you came while no device of yours could be reached.'
        : `${calls} calls for you came while no device of yours could be reached.`,
    from: (at: string, caller: string) => `${at}, ${caller}`,
    more: (calls: number) => `and ${calls} more`,
    where: 'Log in to Reachable to see them. Calls can reach you while its light is green.',
    stop: 'You can turn these mails off in “My account”, from the menu under your initials.',
  },
  expected: {
    subject: (calls: number) => (calls === 1 ? 'A call is expected' : `${calls} calls are expected`),
    opening: (calls: number) =>
      calls === 1
        ? 'A call for you is expected, and when this mail was made no device of yours could be reached.'
        : `${calls} calls for you are expected, and when this mail was made no device of yours could be reached.`,
    from: (at: string, caller: string) => `${at}, ${caller}`,
    more: (calls: number) => `and ${calls} more`,
    where:
      'Open your browser, and log in to Reachable if you are not. Calls can reach you while its light is green.',
    stop: 'You can turn these mails off in “My account”, from the menu under your initials.',
  },
  unread: {
    subject: (messages: number) =>
      messages === 1 ? 'You have an unread message' : `You have ${messages} unread messages`,
    opening: (messages: number) =>
      messages === 1
        ? 'A message for you has not been read yet.'
        : `${messages} messages for you have not been read yet.`,
    from: (sender: string, messages: number) =>
      messages === 1 ? `${sender}: one message` : `${sender}: ${messages} messages`,
    more: (senders: number) => (senders === 1 ? 'and one more person' : `and ${senders} more people`),
    where: 'Log in to Reachable to read them.',
    stop: 'You can turn these mails off in “My account”, from the menu under your initials.',
  },
  tokenTried: {
    subject: 'Someone tried to use your login',
    opening:
      'Someone tried to use a login of yours without the key that belongs to it. Nothing was opened: without that key it is of no use to anyone.',
    device: 'The device that it belongs to',
    act: 'Log that device out in “My account”, from the menu under your initials, and choose a new password.',
    button: 'Choose a new password',
  },
  issuerLinked: {
    subject: (issuer: string) => `An account at ${issuer} can log in as you`,
    opening: (issuer: string) => `From now on, an account at ${issuer} can log in to Reachable as you.`,
    ifYou: 'If that was you, all is well.',
    ifNot:
      'If it was not you, unlink it in “My account”, from the menu under your initials, choose a new password there, and tell whoever runs your server.',
  },
  accountAdded: {
    subject: 'You have a Reachable account',
    opening: (host: string) =>
      `Whoever runs the Reachable server at ${host} has made an account for you. Reachable is a light in your browser that shows whether calls can reach you, and that rings when one comes.`,
    begin: (start: string) => `${start} says how to add Reachable to your browser, and how to log in.`,
    choose:
      'If you were given a password, choose one of your own that nobody else knows. “Forgot password?” sends you a link for it:',
    button: 'Forgot password?',
    ignore: 'If you did not expect this, tell whoever runs that server.',
  },
  apiKeyCreated: {
    subject: 'An API key was made',
    opening: (host: string) => `An API key was made for the Reachable server at ${host}.`,
    key: 'Name of the key',
    scope: 'What it may do',
    scopes: {
      calls: 'place calls',
      messages: 'write to people',
      presence: 'see whether people can be reached',
      'expected-calls': 'say that a call is expected',
      contacts: 'make people contacts of each other',
      webhooks: 'have events sent to an address',
      scim: 'make and change accounts (SCIM)',
      metrics: 'read how the server fares',
    } as Readonly<Record<KeyScope, string>>,
    ifNot:
      'If you know nothing of it, revoke it on the server (npm run api-key -- revoke NAME), and look at what was done there: npm run audit.',
  },
  apiKeyRevoked: {
    subject: 'An API key was revoked',
    opening: (host: string) =>
      `An API key of the Reachable server at ${host} was revoked: whatever uses it is refused from now on.`,
    key: 'Name of the key',
    ifNot: 'If you know nothing of it, look at what was done on the server: npm run audit.',
  },
  apiKeyMisused: {
    subject: 'An API key was tried where it may not be used',
    opening: (host: string) =>
      `An API key of the Reachable server at ${host} was tried for something that it was not made for, and was refused: by a mistake in a program, or by somebody who should not have it.`,
    key: 'Name of the key',
    act: 'If you know of no mistake, revoke it on the server (npm run api-key -- revoke NAME). There may have been more tries than this: npm run audit.',
  },
  diskLow: {
    subject: 'The disk of your Reachable server runs low',
    opening: (host: string) => `The disk of the Reachable server at ${host} runs low.`,
    free: 'Still free',
    why: 'Once it is full no call can be written down, so that nobody is reachable until there is room.',
    act: 'Make room on the disk that holds its data directory. “npm run doctor”, on the server, says what is wrong.',
  },
}

export type MailTexts = typeof mailsInEnglish
