import type { PageTexts } from './en.ts'

export const pagesInGerman: PageTexts = {
  summary: (errors) => (errors === 1 ? 'Eines ist zu berichtigen:' : `${errors} Dinge sind zu berichtigen:`),
  errorTitle: (title) => `Fehler: ${title}`,
  tooOften: (minutes) =>
    `Das wurde innerhalb einer Stunde sehr oft angefordert. Bitte versuchen Sie es in ${minutes === 1 ? 'einer Minute' : `${minutes} Minuten`} wieder.`,
  ready: 'Sie können diese Seite schließen.',
  home: 'Startseite dieses Servers',

  forgot: {
    title: 'Passwort vergessen?',
    opening:
      'Bitte geben Sie Ihre E-Mail-Adresse oder Ihren Benutzernamen ein. Wir schicken Ihnen einen Link, mit dem Sie ein neues Passwort wählen.',
    login: 'E-Mail-Adresse oder Benutzername',
    button: 'Link schicken',
    missing: 'Geben Sie Ihre E-Mail-Adresse oder Ihren Benutzernamen ein.',
    tooLong: 'E-Mail-Adresse oder Benutzername haben höchstens 254 Zeichen.',
    sentTitle: 'Sehen Sie in Ihr Postfach',
    sent: 'Wenn es zu Ihrer Eingabe ein Konto gibt, ist eine E-Mail mit einem Link unterwegs. Der Link funktioniert 24 Stunden lang.',
    nothing:
      'Nach ein paar Minuten noch nichts? Sehen Sie auch im Spam-Ordner nach und prüfen Sie Ihre Eingabe.',
    again: 'Noch einmal eingeben',
  },
  password: {
    label: 'Neues Passwort',
    again: 'Neues Passwort, noch einmal',
    needs: 'Es braucht:',
    missing: 'Geben Sie ein neues Passwort ein.',
    broken: 'Dem Passwort fehlt noch etwas.',
    control: 'Ein Passwort kann keine Steuerzeichen enthalten, etwa Tabulator oder Zeilenumbruch.',
    differ: 'Die beiden Passwörter sind nicht gleich.',
    enterAgain: 'Passwörter werden auf dieser Seite nicht behalten: Bitte geben Sie es erneut ein.',
    show: 'Passwort zeigen',
    hide: 'Passwort verbergen',
    met: 'erfüllt',
    lacking: 'fehlt noch',
    rules: {
      capital: 'einen Großbuchstaben, A–Z',
      small: 'einen Kleinbuchstaben, a–z',
      digit: 'eine Ziffer, 0–9',
      other: 'ein anderes Zeichen, etwa ! oder ein Leerzeichen',
      length: '8 bis 128 Zeichen insgesamt',
    },
    hard: 'Und es muss schwer zu erraten sein: kein verbreitetes Passwort und kein Name mit etwas daran, keine Tastenreihe, nichts von Ihrem Namen oder Ihrer Adresse.',
    weak: {
      own: 'Dieses Passwort ist leicht zu erraten, denn es besteht vor allem aus Ihrem Namen, Ihrer Adresse oder dem Namen dieses Ortes. Wählen Sie etwas, das nichts mit Ihnen zu tun hat: drei oder vier Wörter, die nicht zusammengehören, oder was ein Passwortmanager erzeugt.',
      pattern:
        'Dieses Passwort ist leicht zu erraten: Es besteht vor allem aus benachbarten Tasten, einer Wiederholung, einer Folge oder einem Datum. Besser sind drei oder vier Wörter, die nicht zusammengehören, oder was ein Passwortmanager erzeugt.',
      common:
        'Dieses Passwort ist leicht zu erraten: Es ist ein verbreitetes Passwort, ein Wort oder ein Name mit etwas daran, und solche werden zuerst versucht. Besser sind drei oder vier Wörter, die nicht zusammengehören, oder was ein Passwortmanager erzeugt.',
    },
  },
  reset: {
    title: 'Neues Passwort wählen',
    username: 'Ihr Benutzername',
    email: 'Ihre E-Mail-Adresse',
    button: 'Neues Passwort setzen',
    doneTitle: 'Ihr Passwort ist geändert',
    done: 'Melden Sie sich ab jetzt mit dem neuen Passwort an. Jedes Gerät wurde abgemeldet: Melden Sie sich dort neu an, wo Sie erreichbar sein wollen.',
  },
  dead: {
    title: 'Dieser Link funktioniert nicht mehr',
    why: {
      unknown:
        'Er ist unvollständig oder sehr alt. Öffnen Sie ihn noch einmal aus der E-Mail, oder kopieren Sie ihn ganz.',
      used: 'Er wurde schon benutzt, und ein Link funktioniert nur einmal. Wenn Sie das nicht waren, fordern Sie sofort einen neuen an.',
      expired: 'Seine Zeit ist abgelaufen.',
      newer: 'Inzwischen wurde ein neuerer Link geschickt. Benutzen Sie den aus der letzten E-Mail.',
      'password-changed': 'Das Passwort wurde geändert, nachdem er verschickt war.',
      'address-changed': 'Die E-Mail-Adresse des Kontos wurde geändert, nachdem er verschickt war.',
      withdrawn: 'Er wurde zurückgezogen.',
    },
    newReset: 'Neuen Link anfordern',
    newInvitation: 'Bitten Sie, wer Sie eingeladen hat, um eine neue Einladung.',
    newSignUp: 'Noch einmal registrieren',
    known: 'Zu dieser E-Mail-Adresse gibt es inzwischen ein Konto. Melden Sie sich damit an.',
  },
  register: {
    title: 'Konto einrichten',
    opening: 'Wählen Sie, wie Sie sich anmelden, und den Namen, den andere sehen.',
    email: 'Ihre E-Mail-Adresse',
    username: 'Benutzername',
    usernameHint: 'Buchstaben a–z, Ziffern und die Zeichen . _ -',
    name: 'Ihr Name',
    button: 'Konto anlegen',
    usernameErrors: {
      missing: 'Wählen Sie einen Benutzernamen.',
      rule: 'Ein Benutzername hat 1 bis 64 Buchstaben a–z, Ziffern und die Zeichen . _ - (keine Leerzeichen, keine Umlaute).',
      taken: 'Diesen Benutzernamen hat schon jemand. Wählen Sie einen anderen.',
    },
    nameErrors: {
      missing: 'Geben Sie Ihren Namen ein.',
      'too-long': 'Ein Name hat höchstens 100 Zeichen.',
      control: 'Ein Name kann keine Steuerzeichen enthalten.',
    },
    doneTitle: 'Ihr Konto ist bereit',
    done: 'Öffnen Sie Reachable in Ihrem Browser und melden Sie sich mit dem gewählten Benutzernamen und Passwort an.',
  },
  signUp: {
    title: 'Registrieren',
    opening:
      'Bitte geben Sie Ihre E-Mail-Adresse ein. Wir schicken Ihnen einen Link, mit dem Sie Ihr Konto einrichten.',
    email: 'E-Mail-Adresse',
    button: 'Link schicken',
    missing: 'Geben Sie Ihre E-Mail-Adresse ein.',
    wrong: 'Das ist keine E-Mail-Adresse. Sie sieht etwa so aus: name@klinik.example.',
    domain: (domains) => `Die Adresse muss auf ${domains.map((d) => `@${d}`).join(' oder ')} enden.`,
    sent: 'Eine E-Mail ist unterwegs an die Adresse, die Sie eingegeben haben. Ihr Link funktioniert 24 Stunden lang.',
    closedTitle: 'Auf diesem Server kann man sich nicht selbst registrieren',
    closed: 'Konten legt an, wer ihn betreibt. Bitten Sie dort um eine Einladung.',
  },
  landing: {
    title: 'Dieser Server läuft',
    about:
      'Reachable ist ein Licht in der Symbolleiste des Browsers. Es sagt wahrheitsgemäß, ob Anrufe einen erreichen können, und klingelt, wenn einer kommt. Dies ist der Server hinter dem Licht. Auf dieser Seite gibt es nichts, wo man sich anmelden könnte.',
    address: 'Serveradresse',
    addressUse:
      'Sollen Sie die Adresse Ihres Servers eingeben? Es ist diese: Kopieren Sie sie, und fügen Sie sie in den Optionen von Reachable als Serveradresse („Server address“) ein.',
    askForAddress:
      'Sollen Sie die Adresse Ihres Servers eingeben? Sie bekommen sie von denen, die diesen Server betreiben: Fragen Sie dort.',
    copy: 'Kopieren',
    copied: 'Kopiert',
    byHand:
      'Dieser Browser lässt Seiten nicht kopieren. Die Adresse ist markiert: Kopieren Sie sie mit Strg+C, am Mac mit ⌘C.',
    stepsTitle: 'Um erreichbar zu sein',
    steps: [
      'Fügen Sie Ihrem Browser die Erweiterung Reachable hinzu und heften Sie ihr Symbol an die Symbolleiste.',
      'Öffnen Sie sie. Wenn sie diesen Server noch nicht kennt, geben Sie die Serveradresse ein.',
      'Melden Sie sich mit dem Benutzernamen und dem Passwort an, die Sie bekommen haben.',
      'Eine grüne Scheibe bedeutet: Eben wurde nachgewiesen, dass ein Anruf bis zu Ihnen durchkommt.',
    ],
  },
  notFound: {
    title: 'Hier ist nichts',
    text: 'Vielleicht ist die Adresse falsch geschrieben, oder der Raum gehört zu einem Anruf, den niemand angenommen hat.',
  },
  room: {
    of: (from, to) => `${from} und ${to}`,
    title: 'Anruf angenommen',
    from: 'Es ruft an',
    to: 'Angenommen von',
    at: 'Angenommen um',
  },
  signInStopped: {
    why: {
      'no-start': {
        title: 'So meldet man sich nicht an',
        text: 'Die Adresse, zu der dieser Browser geschickt wurde, ist keine, die Reachable verwendet. Es wurde nichts getan.',
      },
      unknown: {
        title: 'Diese Anmeldung ist vorbei',
        text: 'Sie wurde schon abgeschlossen, hat zu lange gedauert oder wurde in einem anderen Browser begonnen. Es wurde nichts getan.',
      },
    },
    advice:
      'Um sich anzumelden, öffnen Sie Reachable in der Symbolleiste des Browsers und beginnen Sie dort. Diese Seite können Sie schließen.',
  },
  trouble: {
    strangeTitle: 'Dieses Formular kam nicht von hier',
    strange:
      'Zu Ihrer Sicherheit wurde es nicht angenommen. Öffnen Sie die Seite neu und füllen Sie es dort aus.',
    anew: 'Seite neu öffnen',
    tooLargeTitle: 'Das ist zu viel',
    tooLarge: 'Die Eingabe ist länger, als dieser Server annimmt. Gehen Sie zurück und kürzen Sie sie.',
    failedTitle: 'Etwas ist schiefgegangen',
    failed: 'Es wurde nichts geändert. Bitte versuchen Sie es in Kürze wieder.',
    busyTitle: 'Zu viele auf einmal',
    busy: 'In diesem Moment ist hier zu viel los. Es wurde nichts geändert. Gehen Sie zurück und versuchen Sie es in ein paar Sekunden wieder.',
  },
}
