import type { PlaceTexts } from './en.ts'

export const placesInGerman: PlaceTexts = {
  page: {
    reachable: '{place} ist jetzt erreichbar.',
    busy: '{place} ist im Moment besetzt.',
    nobody: 'Bei {place} ist im Moment niemand erreichbar.',
    hours: '{place} ist jetzt geschlossen.',
    opens: 'Geöffnet wieder {time}.',
    shut: '{place} nimmt jetzt keine Anrufe an.',
    unknown: 'Ob {place} erreichbar ist, ist im Moment nicht bekannt.',
    checking: 'Es wird nachgesehen, ob {place} erreichbar ist …',
    noConnection: 'Es gibt keine Verbindung zum Server. Ob {place} erreichbar ist, ist nicht bekannt.',
    removed: '{place} gibt es unter dieser Adresse nicht mehr.',
    wasReachable:
      'Als diese Seite geladen wurde, war {place} erreichbar. Ob das noch so ist, ist nicht bekannt: Laden Sie die Seite neu.',
    wasOtherwise:
      'Wie es jetzt um {place} steht, ist nicht bekannt. Laden Sie die Seite neu, um es zu sehen.',
    confirmed: 'Bestätigt {time}',
    waitingOne: 'Eine Person wartet.',
    waitingMany: '{n} Personen warten.',

    call: 'Anrufen',
    callAgain: 'Noch einmal anrufen',
    waitInLine: 'In der Reihe warten',
    calling: '{place} wird gefragt …',
    trying: 'Es wird versucht, {place} zu erreichen …',
    ringingOne: 'Es klingelt bei einer Person.',
    ringingTwo: 'Es klingelt bei zwei Personen.',
    ringingMany: 'Es klingelt bei {n} Personen.',
    first: 'Sie sind als Nächstes an der Reihe.',
    second: 'Sie sind an zweiter Stelle.',
    third: 'Sie sind an dritter Stelle.',
    nth: 'Sie sind an {n}. Stelle.',
    stay: 'Bleiben Sie auf dieser Seite: Wird sie geschlossen, verlieren Sie Ihren Platz.',
    waitingLost: 'Die Verbindung ist unterbrochen. Neuer Versuch …',
    answered: 'Angenommen. Sie kommen in den Raum.',
    hangUp: 'Auflegen',

    declined: '{place} kann Ihren Anruf jetzt nicht annehmen.',
    unanswered: 'Niemand hat den Anruf angenommen.',
    unreachable: 'Bei {place} war nun doch niemand erreichbar.',
    notKnown:
      'Ob {place} erreichbar ist, ist nicht bekannt, also wird niemand angerufen. Versuchen Sie es in einer halben Minute noch einmal.',
    cancelled: 'Sie haben aufgelegt. Es wird niemand mehr angerufen.',
    left: 'Diese Seite war zu lange ohne Verbindung, darum wird niemand mehr angerufen.',
    gone: '{place} gibt es unter dieser Adresse nicht mehr, darum wird niemand angerufen.',
    full: 'Bei {place} warten schon zu viele, oder mehrere von Ihrem Anschluss. Es wird niemand angerufen.',
    blocked: '{place} nimmt von Ihrem Anschluss keine Anrufe an.',
    noRoom:
      'Unter dieser Adresse erlauben Browser weder Kamera noch Mikrofon, niemand könnte also mit Ihnen sprechen. Es wird niemand angerufen. Wer diese Seite betreibt, muss sie über https anbieten.',
    tooMany: 'Das wurde zu oft verlangt. Es wird niemand angerufen. Versuchen Sie es in {n} Sekunden wieder.',
    failed:
      'Das hat nicht geklappt. Falls trotzdem jemand angerufen wird, endet das in wenigen Sekunden. Versuchen Sie es gleich wieder.',
    hungUp: 'Sie haben aufgelegt. Falls noch jemand angerufen wird, endet das in wenigen Sekunden.',
    slow: 'Noch keine Antwort. Es wird weiter versucht …',
    hangingUp: 'Es wird aufgelegt …',
    nameMissing: 'Geben Sie Ihren Namen ein.',
    nameTooLong: 'Ein Name hat hier höchstens 50 Zeichen und keine Steuerzeichen.',
    proving: 'Im Moment wird viel verlangt. Eine Sekunde …',
    leaveInstead: 'Stattdessen eine Nachricht hinterlassen',
  },
  title: (place) => place,
  callTitle: 'Anrufen',
  yourName: 'Ihr Name',
  noScript:
    'Um von dieser Seite aus anzurufen, muss Ihr Browser ihr Skript erlauben. Eine Nachricht können Sie auch ohne hinterlassen.',
  message: {
    title: 'Eine Nachricht hinterlassen',
    about: (place) => `Sie geht an alle, die zu ${place} gehören.`,
    wayBack: 'Wie kann man Ihnen antworten?',
    wayBackHint: 'Eine E-Mail-Adresse oder eine Telefonnummer',
    text: 'Ihre Nachricht',
    button: 'Nachricht hinterlassen',
    errors: {
      name: 'Geben Sie Ihren Namen ein, mit höchstens 50 Zeichen.',
      wayBack: 'Sagen Sie, wie man Ihnen antworten kann, mit höchstens 200 Zeichen.',
      text: 'Schreiben Sie Ihre Nachricht, mit höchstens 2000 Zeichen, in höchstens 500 Zeilen.',
    },
    crowded:
      'Im Moment wird hier viel hinterlassen. Warten Sie eine Minute und drücken Sie noch einmal auf den Knopf: Ihre Nachricht wird einmal zugestellt, wie oft Sie das auch tun.',
    tooSoon:
      'Von Ihrem Anschluss wurde zu viel verlangt, darum ist diesmal nichts geschehen. Drücken Sie gleich noch einmal auf den Knopf: Ihre Nachricht wird einmal zugestellt, wie oft Sie das auch tun.',
    unsure:
      'Ob Ihre Nachricht zugestellt wurde, ist nicht bekannt. Drücken Sie noch einmal auf den Knopf: Sie wird einmal zugestellt, wie oft Sie das auch tun.',
    blockedTitle: 'Es wird keine Nachricht angenommen',
    blocked: (place) => `${place} nimmt von Ihrem Anschluss keine Nachrichten an.`,
    shut: (place) => `${place} nimmt jetzt keine Nachrichten an.`,
    sentTitle: 'Zugestellt',
    sent: (place) => `Ihre Nachricht ist bei allen, die zu ${place} gehören.`,
    back: (place) => `Zurück zu ${place}`,
  },
  left: {
    heading: (place) =>
      `Über „${place}“ wurde eine Nachricht hinterlassen. Niemand hat geprüft, von wem sie ist.`,
    from: (name) => `Name: ${name}`,
    wayBack: (how) => `Antwort an: ${how}`,
  },
  embed: {
    open: 'Anrufen',
    openLabel: (place) => `${place} anrufen, in einem neuen Tab`,
  },
  image: {
    reachable: 'Erreichbar',
    busy: 'Besetzt',
    closed: 'Geschlossen',
    unknown: 'Nicht bekannt',
    at: (time) => `um ${time}`,
  },
  embedding: {
    title: (place) => `${place} auf Ihrer Website zeigen`,
    opening:
      'Kopieren Sie eines davon in eine Ihrer Seiten. Keines setzt Cookies oder behält etwas in den Browsern derer, die Ihre Seite besuchen; „Anrufen“ öffnet einen neuen Tab.',
    frameTitle: 'Ein Rahmen, der von selbst wahr bleibt',
    frame:
      'Er fragt alle paar Sekunden nach und sagt es, wenn er das nicht kann. Wer den Server betreibt, erlaubt zuerst Ihre Website:',
    imageTitle: 'Ein Bild',
    image:
      'Es stimmt für die Zeit, die darin steht, und wird wenige Sekunden später grau; es fragt nicht nach. Nehmen Sie den Rahmen, wo es geht.',
    here: 'So sieht es aus',
  },
  account: {
    title: 'Orte',
    about: 'Orte, über die Sie von Besuchern angerufen werden.',
    only: 'Sie gehören allein dazu: Der Ort sagt jedem, der hinsieht, ob Sie erreichbar sind. Das tut er nur, wenn Sie zustimmen.',
    agreed: 'Sie gehören allein dazu und haben zugestimmt, dass der Ort sagt, ob Sie erreichbar sind.',
    agree: 'Zustimmen',
    withdraw: 'Zurücknehmen',
    leave: 'Verlassen',
    visitors: 'Die letzten Besucher',
    block: 'Blockieren',
    blocked: 'Blockiert',
    unblock: 'Nicht mehr blockieren',
    blockAbout:
      'Wer blockiert ist, kann hier 90 Tage lang aus demselben Netz weder anrufen noch eine Nachricht hinterlassen.',
    states: {
      queued: 'wartet',
      calling: 'ruft an',
      answered: 'angenommen',
      declined: 'abgelehnt',
      unanswered: 'nicht angenommen',
      unreachable: 'niemand war erreichbar',
      cancelled: 'aufgelegt',
      left: 'gegangen, bevor jemand annahm',
    },
  },
}
