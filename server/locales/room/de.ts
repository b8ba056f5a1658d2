import type { RoomTexts } from './en.ts'

export const roomInGerman: RoomTexts = {
  title: 'Raum',
  noScript:
    'Auf dieser Seite spricht man miteinander; das können Browser nur mit Skripten. Erlauben Sie sie hier und laden Sie neu.',
  titleWith: 'Anruf mit {name}',
  somebody: 'die andere Person',

  lobby: {
    heading: 'Ihr Anruf mit {name}',
    opening: 'Niemand sieht oder hört Sie, bevor Sie eintreten.',
    tryOut: 'Kamera und Mikrofon ausprobieren',
    asking:
      'Es wird auf Ihre Geräte gewartet. Vielleicht fragt Ihr Browser, ob diese Seite sie benutzen darf.',
    join: 'Eintreten',
    joining: 'Sie treten ein …',
    listen: 'Nur zuhörend eintreten',
    preview: 'Ihr eigenes Bild, wie die andere Person es sähe',
    cameraIsOff: 'Ihre Kamera ist aus',
    loudness: 'Wie laut Ihr Mikrofon Sie hört',
  },
  there: {
    looking: 'Der Raum wird geöffnet …',
    joined: '{name} ist im Raum.',
    door: '{name} hat den Raum geöffnet und ist noch nicht eingetreten.',
    first: '{name} ist noch nicht da.',
    left: '{name} ist gegangen und kann wiederkommen.',
    silent: 'Von {name} ist nichts mehr zu hören.',
    server: 'Der Server antwortet nicht: Ob {name} da ist, ist nicht bekannt. Es wird weiter versucht …',
  },
  waiting: {
    first: 'Sie sind im Raum. {name} ist noch nicht da.',
    door: 'Sie sind im Raum. {name} hat ihn geöffnet und ist noch nicht eingetreten.',
    left: '{name} ist gegangen und kann wiederkommen, solange Sie bleiben.',
    silent:
      'Von {name} ist nichts mehr zu hören. Liegt es an der Verbindung, kommt {name} von selbst zurück.',
    server: 'Der Server antwortet nicht: Ob {name} da ist, ist nicht bekannt. Es wird weiter versucht …',
  },
  way: {
    connecting: 'Verbindung zu {name} wird hergestellt …',
    disturbed: 'Die Verbindung zu {name} ist gestört.',
    mending: 'Die Verbindung zu {name} ist unterbrochen. Ein neuer Weg wird gesucht …',
    serverLost: 'Der Server antwortet nicht; es wird weiter versucht. Ihr Gespräch geht ohne ihn weiter.',
    still: 'Von {name} kommt kein neues Bild an.',
  },
  other: {
    picture: 'Das Bild von {name}',
    screen: 'Der Bildschirm von {name}',
    muted: '{name} ist stumm',
    cameraOff: '{name} hat die Kamera aus',
    sharing: '{name} zeigt den eigenen Bildschirm',
  },
  own: {
    picture: 'Ihr eigenes Bild',
    muted: 'Sie sind stumm',
    heard: 'Sie sind nicht mehr stumm',
    cameraOn: 'Ihre Kamera ist an',
    sharing: 'Sie zeigen Ihren Bildschirm',
    notSharing: 'Sie zeigen Ihren Bildschirm nicht mehr',
  },
  controls: {
    label: 'Ihr Anruf',
    mute: 'Stummschalten',
    unmute: 'Ton einschalten',
    camera: 'Kamera ein',
    cameraOff: 'Kamera aus',
    share: 'Bildschirm zeigen',
    stopSharing: 'Nicht mehr zeigen',
    hangUp: 'Auflegen',
    devices: 'Geräte',
    hear: '{name} hören',
    silenced: 'Ihr Browser lässt {name} nicht zu hören sein, bis Sie dies drücken.',
    keys: 'Tasten: {mute} schaltet stumm, {camera} die Kamera ein und aus, {share} zeigt den Bildschirm, {hangUp} zweimal gedrückt legt auf.',
    keysWithoutShare:
      'Tasten: {mute} schaltet stumm, {camera} die Kamera ein und aus, {hangUp} zweimal gedrückt legt auf.',
    again: 'Drücken Sie noch einmal {hangUp}, um aufzulegen.',
    keysOff: 'Diese Tasten ausschalten',
    keysOn: 'Tasten einschalten',
  },
  devices: {
    microphone: 'Mikrofon',
    camera: 'Kamera',
    unnamed: '{kind} {number}',
    listener:
      'Hier gibt es kein Mikrofon, deshalb hören Sie nur zu: Der anderen Person wird gesagt, dass Sie stumm sind.',
    microphoneBlocked:
      'Ihr Browser gibt dieser Seite kein Mikrofon, deshalb hören Sie nur zu. Um zu sprechen, erlauben Sie es in der Adressleiste des Browsers und drücken Sie „Ton einschalten“.',
    microphoneBusy:
      'Das Mikrofon war nicht zu benutzen, vielleicht hat es ein anderes Programm; deshalb hören Sie nur zu. Schließen Sie jenes Programm und drücken Sie „Ton einschalten“.',
    cameraNone: 'Hier gibt es keine Kamera.',
    cameraBlocked:
      'Ihr Browser gibt dieser Seite keine Kamera. Erlauben Sie sie in der Adressleiste des Browsers.',
    cameraBusy: 'Die Kamera war nicht zu benutzen, vielleicht hat sie ein anderes Programm.',
    microphoneLost: 'Das Mikrofon, das Sie benutzt haben, ist nicht mehr da.',
    microphoneReplaced:
      'Das Mikrofon, das Sie benutzt haben, ist nicht mehr da; jetzt wird ein anderes benutzt.',
    cameraLost: 'Die Kamera, die Sie benutzt haben, ist nicht mehr da.',
    cameraReplaced: 'Die Kamera, die Sie benutzt haben, ist nicht mehr da; jetzt wird eine andere benutzt.',
    microphoneSilenced:
      'Ihr Gerät selbst hält das Mikrofon stumm, deshalb hört die andere Person Sie nicht. Schalten Sie es dort ein: mit seiner Taste, seinem Schalter oder in seinen Einstellungen. Ist es dort eingeschaltet, so drücken Sie „Stummschalten“ und dann „Ton einschalten“.',
    cameraSilenced:
      'Ihr Gerät selbst gibt zurzeit kein Bild der Kamera. Schalten Sie sie dort ein: mit seiner Taste, seinem Schalter oder in seinen Einstellungen.',
    noCalls:
      'Dieser Browser ist so eingestellt, dass er keine Anrufe führt (WebRTC ist aus). Lassen Sie es einschalten, oder öffnen Sie den Raum in einem anderen Browser.',
    insecure:
      'Unter dieser Adresse gibt ein Browser keiner Seite Mikrofon oder Kamera: Sie muss mit https beginnen. Sagen Sie es denen, die den Server betreiben.',
  },
  time: 'Seit der Anruf angenommen wurde',
  quality: {
    label: 'Verbindung',
    unknown: 'Verbindung: wird geprüft',
    good: 'Verbindung: gut',
    fair: 'Verbindung: mäßig',
    poor: 'Verbindung: schlecht',
    nothing: 'Von {name} kommt nichts an',
    relayed: 'über ein Relais',
  },
  ended: {
    hungUp: 'Sie haben aufgelegt',
    otherHungUp: '{name} hat aufgelegt',
    over: 'Dieser Anruf ist vorbei',
    replaced: 'Sie sind in einem anderen Fenster in diesem Anruf',
    elsewhere: 'Sie sind in einem anderen Fenster in diesem Anruf',
    full: 'In diesem Raum sind zwei andere',
    ticket: 'Diese Adresse lässt niemanden mehr ein',
    trouble: 'Der Server hat diese Verbindung beendet',
    stopped: 'Kamera und Mikrofon sind aus.',
    close: 'Sie können diese Seite schließen.',
    unsaid:
      'Der Server antwortet nicht, deshalb erfährt die andere Person es noch nicht. Lassen Sie diese Seite offen …',
    replacedText: 'Dort geht es weiter; dieses Fenster sendet und zeigt nichts mehr.',
    fullText: 'Ein Anruf ist für die beiden, die ihn führen. Hier wird nichts davon gezeigt.',
    ticketText:
      'Die Adresse eines Raums gilt einmal und fünf Minuten lang. Gehören Sie zu den beiden, so öffnen Sie den Raum auf dem Gerät, auf dem Sie angerufen oder angenommen haben.',
    overText: 'Ein Raum besteht, bis jemand auflegt, und höchstens sechs Stunden.',
    troubleText: 'Was schiefging, ist nicht bekannt. Treten Sie neu ein, oder rufen Sie noch einmal an.',
    takeBack: 'In dieses Fenster zurückholen',
    again: 'Neu eintreten',
  },
}
