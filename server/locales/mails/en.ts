/** The texts of the mails, in English; the other languages have the same shape. */
export const mailsInEnglish = {
  greeting: (name: string) => `Hello ${name},`,
  greetingWithoutName: 'Hello,',
  orCopy: 'If the button does not work, copy this address into your browser:',
  sentBy: (host: string) =>
    `This mail was sent by the Reachable server at ${host}. Nobody reads replies to it.`,

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
      'The password of your account was changed. Devices that were signed in with the old one were signed out.',
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
}

export type MailTexts = typeof mailsInEnglish
