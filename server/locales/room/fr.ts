import type { RoomTexts } from './en.ts'

export const roomInFrench: RoomTexts = {
  title: 'Salle',
  noScript:
    'Sur cette page on se parle, ce qu’un navigateur ne fait qu’avec des scripts. Autorisez-les ici et rechargez la page.',
  titleWith: 'Appel avec {name}',
  somebody: 'l’autre personne',

  lobby: {
    heading: 'Votre appel avec {name}',
    opening: 'Personne ne vous voit ni ne vous entend avant que vous n’entriez.',
    tryOut: 'Essayer caméra et micro',
    asking:
      'En attente de vos appareils. Votre navigateur demande peut-être si cette page peut les utiliser.',
    join: 'Entrer',
    joining: 'Entrée en cours…',
    listen: 'Entrer pour écouter seulement',
    preview: 'Votre propre image, telle que l’autre personne la verrait',
    cameraIsOff: 'Votre caméra est éteinte',
    loudness: 'Avec quelle force votre micro vous entend',
  },
  there: {
    looking: 'La salle s’ouvre…',
    joined: '{name} est dans la salle.',
    door: '{name} a ouvert la salle et n’est pas encore entré.',
    first: '{name} n’est pas encore là.',
    left: '{name} est parti et peut revenir.',
    silent: 'On n’entend plus rien de {name}.',
    server: 'Le serveur ne répond pas : on ne sait pas si {name} est là. Nouvel essai en cours…',
  },
  waiting: {
    first: 'Vous y êtes. {name} n’est pas encore là.',
    door: 'Vous y êtes. {name} a ouvert la salle et n’est pas encore entré.',
    left: '{name} est parti et peut revenir tant que vous restez.',
    silent: 'On n’entend plus rien de {name}. Si c’est sa connexion, le retour se fait tout seul.',
    server: 'Le serveur ne répond pas : on ne sait pas si {name} est là. Nouvel essai en cours…',
  },
  way: {
    connecting: 'Connexion à {name}…',
    disturbed: 'La connexion à {name} est perturbée.',
    mending: 'La connexion à {name} est coupée. Un autre chemin est recherché…',
    serverLost: 'Le serveur ne répond pas ; nouvel essai en cours. Votre appel continue sans lui.',
    still: 'Aucune nouvelle image de {name} n’arrive.',
  },
  other: {
    picture: 'L’image de {name}',
    screen: 'L’écran de {name}',
    muted: '{name} a coupé son micro',
    cameraOff: '{name} a éteint sa caméra',
    sharing: '{name} partage son écran',
  },
  own: {
    picture: 'Votre propre image',
    muted: 'Votre micro est coupé',
    heard: 'Votre micro n’est plus coupé',
    cameraOn: 'Votre caméra est allumée',
    sharing: 'Vous partagez votre écran',
    notSharing: 'Vous ne partagez plus votre écran',
  },
  controls: {
    label: 'Votre appel',
    mute: 'Couper le micro',
    unmute: 'Rétablir le micro',
    camera: 'Allumer la caméra',
    cameraOff: 'Éteindre la caméra',
    share: 'Partager l’écran',
    stopSharing: 'Ne plus partager',
    hangUp: 'Raccrocher',
    devices: 'Appareils',
    hear: 'Entendre {name}',
    silenced: 'Votre navigateur tait {name} jusqu’à ce que vous appuyiez ici.',
    keys: 'Touches : {mute} coupe le micro, {camera} allume et éteint la caméra, {share} partage l’écran, {hangUp} pressée deux fois raccroche.',
    keysWithoutShare:
      'Touches : {mute} coupe le micro, {camera} allume et éteint la caméra, {hangUp} pressée deux fois raccroche.',
    again: 'Appuyez encore une fois sur {hangUp} pour raccrocher.',
    keysOff: 'Désactiver ces touches',
    keysOn: 'Activer les touches',
  },
  devices: {
    microphone: 'Micro',
    camera: 'Caméra',
    unnamed: '{kind} {number}',
    listener:
      'Il n’y a pas de micro ici : vous ne faites qu’écouter, et l’autre personne apprend que votre micro est coupé.',
    microphoneBlocked:
      'Votre navigateur ne donne pas de micro à cette page : vous ne faites qu’écouter. Pour parler, autorisez-le dans la barre d’adresse et appuyez sur « Rétablir le micro ».',
    microphoneBusy:
      'Le micro n’a pas pu être utilisé, un autre programme l’a peut-être : vous ne faites qu’écouter. Fermez ce programme et appuyez sur « Rétablir le micro ».',
    cameraNone: 'Il n’y a pas de caméra ici.',
    cameraBlocked:
      'Votre navigateur ne donne pas de caméra à cette page. Autorisez-la dans la barre d’adresse.',
    cameraBusy: 'La caméra n’a pas pu être utilisée : un autre programme l’a peut-être.',
    microphoneLost: 'Le micro que vous utilisiez n’est plus là.',
    microphoneReplaced: 'Le micro que vous utilisiez n’est plus là ; un autre est utilisé maintenant.',
    cameraLost: 'La caméra que vous utilisiez n’est plus là.',
    cameraReplaced: 'La caméra que vous utilisiez n’est plus là ; une autre est utilisée maintenant.',
    microphoneSilenced:
      'Votre appareil lui-même coupe le micro : l’autre personne ne vous entend pas. Rallumez-le là, par sa touche, son interrupteur ou ses réglages. S’il y est allumé, appuyez sur « Couper le micro », puis sur « Rétablir le micro ».',
    cameraSilenced:
      'Votre appareil lui-même ne donne aucune image de la caméra en ce moment. Rallumez-la là, par sa touche, son interrupteur ou ses réglages.',
    noCalls:
      'Ce navigateur est réglé pour ne pas faire d’appels (WebRTC y est désactivé). Faites-le activer, ou ouvrez la salle dans un autre navigateur.',
    insecure:
      'À cette adresse, un navigateur ne donne à aucune page ni micro ni caméra : elle doit commencer par https. Dites-le à qui gère le serveur.',
  },
  time: 'Depuis que l’appel a été pris',
  quality: {
    label: 'Connexion',
    unknown: 'Connexion : en cours d’examen',
    good: 'Connexion : bonne',
    fair: 'Connexion : moyenne',
    poor: 'Connexion : mauvaise',
    nothing: 'Rien n’arrive de {name}',
    relayed: 'par un relais',
  },
  ended: {
    hungUp: 'Vous avez raccroché',
    otherHungUp: '{name} a raccroché',
    over: 'Cet appel est terminé',
    replaced: 'Vous êtes dans cet appel dans une autre fenêtre',
    elsewhere: 'Vous êtes dans cet appel dans une autre fenêtre',
    full: 'Deux autres personnes sont dans cette salle',
    ticket: 'Cette adresse ne laisse plus entrer personne',
    trouble: 'Le serveur a mis fin à cette connexion',
    stopped: 'La caméra et le micro sont éteints.',
    close: 'Vous pouvez fermer cette page.',
    unsaid:
      'Le serveur ne répond pas : l’autre personne ne l’apprend pas encore. Laissez cette page ouverte…',
    replacedText: 'Il continue là-bas ; cette fenêtre n’envoie et ne montre plus rien.',
    fullText: 'Un appel est pour les deux personnes qui s’y parlent. Rien n’en est montré ici.',
    ticketText:
      'L’adresse d’une salle sert une fois, et pendant cinq minutes. Si vous êtes l’une des deux personnes, ouvrez la salle sur l’appareil avec lequel vous avez appelé ou répondu.',
    overText: 'Une salle existe jusqu’à ce que quelqu’un raccroche, et six heures au plus.',
    troubleText: 'On ne sait pas ce qui a échoué. Essayez d’entrer de nouveau, ou appelez encore une fois.',
    takeBack: 'La reprendre dans cette fenêtre',
    again: 'Entrer de nouveau',
  },
}
