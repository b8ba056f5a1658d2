import type { MailTexts } from './en.ts'

export const mailsInGerman: MailTexts = {
  greeting: (name) => `Guten Tag ${name},`,
  greetingWithoutName: 'Guten Tag,',
  orCopy: 'Falls die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:',
  sentBy: (host) => `Diese E-Mail kommt vom Reachable-Server ${host}. Antworten darauf werden nicht gelesen.`,
  username: 'Ihr Benutzername',
  when: 'Wann',
  address: 'Von der Adresse',
  quoted: (written) => `„${written}“`,

  reset: {
    subject: 'Neues Passwort wählen',
    opening: 'Jemand, vermutlich Sie selbst, hat für Ihr Konto ein neues Passwort angefordert.',
    username: 'Ihr Benutzername',
    button: 'Neues Passwort wählen',
    life: 'Der Link funktioniert einmal, in den nächsten 24 Stunden.',
    ignore:
      'Wenn Sie es nicht waren, ist nichts zu tun: Ignorieren Sie diese E-Mail, Ihr Passwort bleibt, wie es ist. Geben Sie den Link an niemanden weiter.',
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
    ignore: 'Wenn Sie es nicht waren, können Sie diese E-Mail ignorieren: Ohne Sie wird kein Konto angelegt.',
  },
  known: {
    subject: 'Sie haben schon ein Konto',
    opening:
      'Jemand, vermutlich Sie selbst, wollte ein Reachable-Konto mit dieser E-Mail-Adresse. Es gibt schon eines, darum wurde keines angelegt.',
    username: 'Ihr Benutzername',
    forgot: 'Wenn Sie Ihr Passwort vergessen haben, wählen Sie ein neues:',
    button: 'Neues Passwort wählen',
    ignore: 'Wenn Sie es nicht waren, können Sie diese E-Mail ignorieren: Nichts wurde geändert.',
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
    stop: 'Unter „Mein Konto“, im Menü unter Ihren Initialen, können Sie diese E-Mails abstellen.',
  },
  expected: {
    subject: (calls) => (calls === 1 ? 'Ein Anruf wird erwartet' : `${calls} Anrufe werden erwartet`),
    opening: (calls) =>
      calls === 1
        ? 'Ein Anruf für Sie wird erwartet, und als diese E-Mail entstand, war keines Ihrer Geräte erreichbar.'
        : `${calls} Anrufe für Sie werden erwartet, und als diese E-Mail entstand, war keines Ihrer Geräte erreichbar.`,
    from: (at, caller) => `${at}, ${caller}`,
    more: (calls) => `und ${calls} weitere`,
    where:
      'Öffnen Sie Ihren Browser und melden Sie sich bei Reachable an, falls Sie es nicht sind. Anrufe erreichen Sie, solange das Licht grün ist.',
    stop: 'Unter „Mein Konto“, im Menü unter Ihren Initialen, können Sie diese E-Mails abstellen.',
  },
  unread: {
    subject: (messages) =>
      messages === 1 ? 'Sie haben eine ungelesene Nachricht' : `Sie haben ${messages} ungelesene Nachrichten`,
    opening: (messages) =>
      messages === 1
        ? 'Eine Nachricht für Sie ist noch nicht gelesen.'
        : `${messages} Nachrichten für Sie sind noch nicht gelesen.`,
    from: (sender, messages) =>
      messages === 1 ? `${sender}: eine Nachricht` : `${sender}: ${messages} Nachrichten`,
    more: (senders) => (senders === 1 ? 'und eine weitere Person' : `und ${senders} weitere Personen`),
    where: 'Melden Sie sich bei Reachable an, um sie zu lesen.',
    stop: 'Unter „Mein Konto“, im Menü unter Ihren Initialen, können Sie diese E-Mails abstellen.',
  },
  tokenTried: {
    subject: 'Jemand wollte Ihre Anmeldung benutzen',
    opening:
      'Jemand hat versucht, eine Ihrer Anmeldungen ohne den Schlüssel zu benutzen, der dazugehört. Es wurde nichts geöffnet: Ohne diesen Schlüssel nützt sie niemandem.',
    device: 'Das Gerät, zu dem sie gehört',
    act: 'Melden Sie dieses Gerät unter „Mein Konto“, im Menü unter Ihren Initialen, ab und wählen Sie ein neues Passwort.',
    button: 'Neues Passwort wählen',
  },
  issuerLinked: {
    subject: (issuer) => `Ein Konto bei ${issuer} kann sich als Sie anmelden`,
    opening: (issuer) => `Ab jetzt kann sich ein Konto bei ${issuer} bei Reachable als Sie anmelden.`,
    ifYou: 'Wenn Sie das waren, ist alles gut.',
    ifNot:
      'Wenn Sie es nicht waren, lösen Sie die Verknüpfung unter „Mein Konto“, im Menü unter Ihren Initialen, wählen Sie dort ein neues Passwort und sagen Sie dem Betreiber Ihres Servers Bescheid.',
  },
  accountAdded: {
    subject: 'Sie haben ein Reachable-Konto',
    opening: (host) =>
      `Der Betreiber des Reachable-Servers ${host} hat ein Konto für Sie angelegt. Reachable ist ein Licht in Ihrem Browser, das zeigt, ob Anrufe Sie erreichen, und das klingelt, wenn einer kommt.`,
    begin: (start) => `Wie Sie Reachable in Ihren Browser holen und sich anmelden, steht auf ${start}`,
    choose:
      'Wenn Ihnen jemand ein Passwort gegeben hat, wählen Sie ein eigenes, das sonst niemand kennt. „Passwort vergessen?“ schickt Ihnen einen Link dafür:',
    button: 'Passwort vergessen?',
    ignore: 'Wenn Sie das nicht erwartet haben, sagen Sie dem Betreiber dieses Servers Bescheid.',
  },
  apiKeyCreated: {
    subject: 'Ein API-Schlüssel wurde erstellt',
    opening: (host) => `Für den Reachable-Server ${host} wurde ein API-Schlüssel erstellt.`,
    key: 'Name des Schlüssels',
    scope: 'Was er darf',
    scopes: {
      calls: 'Anrufe tätigen',
      messages: 'Menschen schreiben',
      presence: 'sehen, ob Menschen erreichbar sind',
      'expected-calls': 'ankündigen, dass ein Anruf erwartet wird',
      contacts: 'Menschen zu Kontakten voneinander machen',
      webhooks: 'Ereignisse an eine Adresse schicken lassen',
      scim: 'Konten anlegen und ändern (SCIM)',
      metrics: 'lesen, wie es dem Server geht',
    },
    ifNot:
      'Wenn Sie nichts davon wissen, widerrufen Sie ihn auf dem Server (npm run api-key -- revoke NAME) und sehen Sie nach, was dort geschehen ist: npm run audit.',
  },
  apiKeyRevoked: {
    subject: 'Ein API-Schlüssel wurde widerrufen',
    opening: (host) =>
      `Ein API-Schlüssel des Reachable-Servers ${host} wurde widerrufen: Was ihn benutzt, wird von nun an abgewiesen.`,
    key: 'Name des Schlüssels',
    ifNot: 'Wenn Sie nichts davon wissen, sehen Sie nach, was auf dem Server geschehen ist: npm run audit.',
  },
  apiKeyMisused: {
    subject: 'Ein API-Schlüssel wurde benutzt, wo er nicht gilt',
    opening: (host) =>
      `Mit einem API-Schlüssel des Reachable-Servers ${host} wurde etwas versucht, wofür er nicht gemacht ist, und abgewiesen: durch einen Fehler in einem Programm oder von jemandem, der ihn nicht haben sollte.`,
    key: 'Name des Schlüssels',
    act: 'Wenn Sie von keinem Fehler wissen, widerrufen Sie ihn auf dem Server (npm run api-key -- revoke NAME). Es kann mehr als diesen Versuch gegeben haben: npm run audit.',
  },
  diskLow: {
    subject: 'Auf Ihrem Reachable-Server wird der Speicherplatz knapp',
    opening: (host) => `Auf der Festplatte des Reachable-Servers ${host} wird der Platz knapp.`,
    free: 'Noch frei',
    why: 'Ist sie voll, kann kein Anruf mehr aufgeschrieben werden, und niemand ist erreichbar, bis wieder Platz ist.',
    act: 'Schaffen Sie Platz auf der Festplatte mit seinem Datenverzeichnis. „npm run doctor“ sagt auf dem Server, was nicht stimmt.',
  },
}
