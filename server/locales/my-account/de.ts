import type { MyAccountTexts } from './en.ts'

export const myAccountInGerman: MyAccountTexts = {
  title: 'Mein Konto',
  login: { username: 'Benutzername', email: 'E-Mail-Adresse' },
  leave: 'Diese Seiten schließen',
  back: 'Zurück zu meinem Konto',
  tooSoon: (seconds) =>
    `Zu viele falsche Passwörter. Versuchen Sie es in ${seconds === 1 ? 'einer Sekunde' : `${seconds} Sekunden`} wieder.`,

  done: {
    name: 'Ihr Name ist geändert.',
    settings: 'Ihre Einstellungen sind gespeichert.',
    password: 'Ihr Passwort ist geändert. Überall sonst wurden Sie abgemeldet.',
    device: 'Das Gerät ist abgemeldet.',
    others: 'Sie sind überall sonst abgemeldet.',
    unlinked: 'Die Verknüpfung ist entfernt.',
  },
  name: { title: 'Wer Sie sind', label: 'Der Name, den andere sehen', button: 'Namen ändern' },
  settings: {
    title: 'Sprache, E-Mails und Nachrichten',
    language: 'Sprache',
    asBrowser: 'Wie mein Browser es wünscht',
    mailMissed:
      'Mir über Anrufe schreiben, die ich verpasst habe, während keines meiner Geräte erreichbar war',
    mailUnread: 'Mir über Nachrichten schreiben, die ich nicht gelesen habe',
    mailNames: 'In diesen E-Mails sagen, wer angerufen oder geschrieben hat',
    tellsRead: 'Kontakten, die das auch wollen, zeigen, wie weit ich ihre Nachrichten gelesen habe',
    button: 'Speichern',
  },
  password: {
    title: 'Passwort',
    change: 'Passwort ändern',
    old: 'Ihr jetziges Passwort',
    oldMissing: 'Geben Sie Ihr jetziges Passwort ein.',
    wrong: 'Das ist nicht Ihr Passwort.',
    same: 'Das ist schon Ihr Passwort. Wählen Sie ein anderes.',
    others: 'Auf jedem anderen Gerät werden Sie abgemeldet, und eine E-Mail meldet Ihnen die Änderung.',
    button: 'Passwort ändern',
    none: (issuer) => `Sie haben kein Passwort: Sie melden sich mit ${issuer} an.`,
    choose: 'Ein Passwort über einen gemailten Link wählen',
    forgot: 'Vergessen?',
    sure: 'Ihr Passwort, damit sicher ist, dass Sie es sind',
    sureMissing: 'Geben Sie Ihr Passwort ein.',
  },
  devices: {
    title: 'Wo Sie angemeldet sind',
    on: (browser, system) => `${browser} unter ${system}`,
    unknown: 'Ein Browser, den wir nicht kennen',
    here: 'Dieses Gerät',
    from: (address) => `Angemeldet von ${address}`,
    onNow: 'Jetzt an',
    onWhenLoaded: 'An, als diese Seite geladen wurde:',
    seen: 'Zuletzt gesehen: etwa',
    out: 'Abmelden',
    outOf: (device) => `Abmelden: ${device}`,
    others: 'Überall sonst abmelden',
  },
  issuer: {
    title: (issuer) => `Anmelden mit ${issuer}`,
    linked: (issuer, address) =>
      address === null ? `Ihr Konto bei ${issuer} ist verknüpft.` : `Verknüpft mit ${address} bei ${issuer}.`,
    unlink: 'Verknüpfung entfernen',
    sureTitle: 'Verknüpfung entfernen?',
    sure: (issuer) => `Danach melden Sie sich mit Ihrem Passwort an, und nicht mit ${issuer}.`,
    onlyWay:
      'Es ist Ihr einziger Weg, sich anzumelden. Um die Verknüpfung zu entfernen, wählen Sie zuerst ein Passwort.',
    again: 'Wenn Sie sich noch einmal damit anmelden, wird es wieder verknüpft.',
  },
  remove: {
    title: 'Mein Konto löschen',
    link: 'Mein Konto löschen …',
    about: 'Alles, was sagt, wer Sie sind, wird gelöscht, und niemand kann es zurückholen.',
    opening: 'Wenn Sie Ihr Konto löschen:',
    effects: [
      'werden Sie überall abgemeldet, und kein Anruf erreicht Sie mehr',
      'werden Ihr Name, Benutzername, Ihre Adresse, Einstellungen und E-Mails gelöscht',
      'bleiben Anrufe ohne Ihren Namen verzeichnet',
      'kann es niemand zurückholen',
    ],
    goOn: 'Weiter',
    sureTitle: 'Endgültig löschen?',
    sure: (login) => `Damit wird das Konto ${login} gelöscht.`,
    button: 'Mein Konto endgültig löschen',
    fresh: (issuer) =>
      `Damit sicher ist, dass Sie es sind: Melden Sie sich von Reachable ab, mit ${issuer} neu an, und kommen Sie innerhalb von 5 Minuten wieder hierher.`,
    doneTitle: 'Ihr Konto ist gelöscht',
    done: 'Sie sind überall abgemeldet. Danke, dass Sie erreichbar waren.',
  },
  left: {
    title: 'Sie haben diese Seiten geschlossen',
    text: 'Reachable bleibt angemeldet. Um zurückzukommen, wählen Sie „Mein Konto“ im Menü unter Ihren Initialen.',
  },
  out: {
    title: 'Sie sind abgemeldet',
    text: 'Dieses Gerät ist von Reachable abgemeldet, und diese Seiten sind es auch.',
  },
  tooFast: {
    title: 'Zu viel auf einmal',
    text: (seconds) =>
      `Von diesen Seiten wurde mehr verlangt, als jemand anklickt. Es wurde nichts geändert. Versuchen Sie es in ${seconds === 1 ? 'einer Sekunde' : `${seconds} Sekunden`} wieder.`,
  },
  closed: {
    title: 'Diese Seiten sind geschlossen',
    text: 'Sie öffnen sich nur von Reachable aus und schließen, wenn Sie sich abmelden und wenn eine halbe Stunde nichts geschah. Nichts wurde geändert. Melden Sie sich in Reachable an und wählen Sie „Mein Konto“ im Menü unter Ihren Initialen.',
  },
  sure: {
    title: 'Diese Kontoseiten öffnen?',
    text: (name, login) =>
      `Eine andere Website hat hierher geführt. Das sind die Seiten von ${name} (${login}). Fahren Sie fort, wenn Sie das sind; sonst schließen Sie diese Seite.`,
    button: (name) => `Weiter als ${name}`,
  },
  code: {
    title: 'Dieser Link funktioniert nicht mehr',
    text: 'Er funktioniert einmal, innerhalb einer Minute. Wählen Sie noch einmal „Mein Konto“ im Menü unter Ihren Initialen.',
  },
}
