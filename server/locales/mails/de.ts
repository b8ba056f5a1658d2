import type { MailTexts } from './en.ts'

export const mailsInGerman: MailTexts = {
  greeting: (name) => `Guten Tag ${name},`,
  greetingWithoutName: 'Guten Tag,',
  orCopy: 'Falls die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:',
  sentBy: (host) =>
    `Diese Nachricht kommt vom Reachable-Server ${host}. Antworten darauf werden nicht gelesen.`,

  reset: {
    subject: 'Neues Passwort wählen',
    opening: 'Jemand, vermutlich Sie selbst, hat für Ihr Konto ein neues Passwort angefordert.',
    username: 'Ihr Benutzername',
    button: 'Neues Passwort wählen',
    life: 'Der Link funktioniert einmal, in den nächsten 24 Stunden.',
    ignore:
      'Wenn Sie es nicht waren, ist nichts zu tun: Ignorieren Sie diese Nachricht, Ihr Passwort bleibt, wie es ist. Geben Sie den Link an niemanden weiter.',
  },
  changed: {
    subject: 'Ihr Passwort wurde geändert',
    opening:
      'Das Passwort Ihres Kontos wurde geändert. Geräte, die mit dem alten angemeldet waren, wurden abgemeldet.',
    username: 'Ihr Benutzername',
    when: 'Geändert am',
    ifYou: 'Wenn Sie das waren, ist alles gut: Melden Sie sich mit dem neuen Passwort an.',
    ifNot:
      'Wenn Sie es nicht waren, wählen Sie sofort ein neues Passwort und sagen Sie dem Betreiber Ihres Servers Bescheid.',
    button: 'Das war ich nicht',
  },
  invitation: {
    subject: 'Ihr Reachable-Konto',
    opening:
      'Sie sind zu Reachable eingeladen: ein Licht in Ihrem Browser, das zeigt, ob Anrufe Sie erreichen, und das klingelt, wenn einer kommt.',
    button: 'Konto einrichten',
    life: 'Der Link funktioniert einmal, in den nächsten 7 Tagen. Damit wählen Sie Benutzernamen und Passwort.',
    ignore: 'Wenn Sie das nicht erwartet haben, können Sie es ignorieren: Ohne Sie wird kein Konto angelegt.',
  },
  signUp: {
    subject: 'Bestätigen Sie Ihre E-Mail-Adresse',
    opening: 'Jemand, vermutlich Sie selbst, möchte ein Reachable-Konto mit dieser E-Mail-Adresse.',
    button: 'Bestätigen und weiter',
    life: 'Der Link funktioniert einmal, in den nächsten 24 Stunden. Damit wählen Sie Benutzernamen und Passwort.',
    ignore:
      'Wenn Sie es nicht waren, können Sie diese Nachricht ignorieren: Ohne Sie wird kein Konto angelegt.',
  },
  known: {
    subject: 'Sie haben schon ein Konto',
    opening:
      'Jemand, vermutlich Sie selbst, wollte ein Reachable-Konto mit dieser E-Mail-Adresse. Es gibt schon eines, darum wurde keines angelegt.',
    username: 'Ihr Benutzername',
    forgot: 'Wenn Sie Ihr Passwort vergessen haben, wählen Sie ein neues:',
    button: 'Neues Passwort wählen',
    ignore: 'Wenn Sie es nicht waren, können Sie diese Nachricht ignorieren: Nichts wurde geändert.',
  },
  missed: {
    subject: (calls) =>
      calls === 1 ? 'Sie haben einen Anruf verpasst' : `Sie haben ${calls} Anrufe verpasst`,
    opening: (calls) =>
      calls === 1
        ? 'Ein Anruf für Sie kam, während keines Ihrer Geräte erreichbar war.'
        : `${calls} Anrufe für Sie kamen, während keines Ihrer Geräte erreichbar war.`,
    from: (at, caller) => `${at}, ${caller}`,
    more: (calls) => `und ${calls} weitere`,
    where:
      'Melden Sie sich bei Reachable an, um sie zu sehen. Anrufe erreichen Sie, solange das Licht grün ist.',
    stop: 'Unter „Mein Konto“, im Menü unter Ihren Initialen, können Sie diese Nachrichten abstellen.',
  },
}
