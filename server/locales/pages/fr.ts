import type { PageTexts } from './en.ts'

export const pagesInFrench: PageTexts = {
  summary: (errors) => (errors === 1 ? 'Un point est à corriger :' : `${errors} points sont à corriger :`),
  errorTitle: (title) => `Erreur : ${title}`,
  tooOften: (minutes) =>
    `Cela a été demandé de nombreuses fois en une heure. Veuillez réessayer dans ${minutes === 1 ? 'une minute' : `${minutes} minutes`}.`,
  ready: 'Vous pouvez fermer cette page.',
  home: 'Page d’accueil de ce serveur',

  forgot: {
    title: 'Mot de passe oublié ?',
    opening:
      'Veuillez saisir votre adresse e-mail ou votre nom d’utilisateur. Nous vous envoyons un lien pour choisir un nouveau mot de passe.',
    login: 'Adresse e-mail ou nom d’utilisateur',
    button: 'Envoyer un lien',
    missing: 'Saisissez votre adresse e-mail ou votre nom d’utilisateur.',
    tooLong: 'Une adresse e-mail ou un nom d’utilisateur a au plus 254 caractères.',
    sentTitle: 'Regardez dans votre boîte aux lettres',
    sent: 'S’il existe un compte pour ce que vous avez saisi, un e-mail avec un lien est en route. Le lien fonctionne pendant 24 heures.',
    nothing:
      'Rien après quelques minutes ? Regardez aussi dans les courriers indésirables et vérifiez votre saisie.',
    again: 'Saisir à nouveau',
  },
  password: {
    label: 'Nouveau mot de passe',
    again: 'Nouveau mot de passe, encore une fois',
    needs: 'Il lui faut :',
    missing: 'Saisissez un nouveau mot de passe.',
    broken: 'Il manque quelque chose au mot de passe.',
    control:
      'Un mot de passe ne peut pas contenir de caractères de contrôle, comme une tabulation ou un saut de ligne.',
    differ: 'Les deux mots de passe ne sont pas identiques.',
    enterAgain: 'Les mots de passe ne sont pas gardés sur cette page : veuillez le saisir à nouveau.',
    show: 'Afficher le mot de passe',
    hide: 'Masquer le mot de passe',
    met: 'fait',
    lacking: 'manque encore',
    rules: {
      capital: 'une lettre majuscule, A–Z',
      small: 'une lettre minuscule, a–z',
      digit: 'un chiffre, 0–9',
      other: 'un autre caractère, comme ! ou une espace',
      length: '8 à 128 caractères en tout',
    },
    hard: 'Et il doit être difficile à deviner : ni mot de passe courant ni nom avec un ajout, ni suite de touches, rien de votre nom ou de votre adresse.',
    weak: {
      own: 'Ce mot de passe est facile à deviner, car il repose sur votre nom, votre adresse ou le nom de ce lieu. Choisissez quelque chose qui n’a rien à voir avec vous : trois ou quatre mots sans rapport entre eux, ou ce que crée un gestionnaire de mots de passe.',
      pattern:
        'Ce mot de passe est facile à deviner : ce sont surtout des touches voisines, une répétition, une suite ou une date. Mieux vaut trois ou quatre mots sans rapport entre eux, ou ce que crée un gestionnaire de mots de passe.',
      common:
        'Ce mot de passe est facile à deviner : c’est un mot de passe courant, un mot ou un nom avec un ajout, et ce sont les premiers que l’on essaie. Mieux vaut trois ou quatre mots sans rapport entre eux, ou ce que crée un gestionnaire de mots de passe.',
    },
  },
  reset: {
    title: 'Choisissez un nouveau mot de passe',
    username: 'Votre nom d’utilisateur',
    email: 'Votre adresse e-mail',
    button: 'Enregistrer le mot de passe',
    doneTitle: 'Votre mot de passe est modifié',
    done: 'Connectez-vous désormais avec le nouveau mot de passe. Tous vos appareils ont été déconnectés : reconnectez-vous là où vous voulez être joignable.',
  },
  dead: {
    title: 'Ce lien ne fonctionne plus',
    why: {
      unknown:
        'Il est incomplet ou très ancien. Ouvrez-le à nouveau depuis l’e-mail, ou copiez-le en entier.',
      used: 'Il a déjà servi, et un lien ne sert qu’une fois. Si ce n’était pas vous, demandez-en tout de suite un nouveau.',
      expired: 'Son délai est passé.',
      newer: 'Un lien plus récent a été envoyé depuis. Utilisez celui du dernier e-mail.',
      'password-changed': 'Le mot de passe a été modifié après son envoi.',
      'address-changed': 'L’adresse e-mail du compte a été modifiée après son envoi.',
      withdrawn: 'Il a été retiré.',
    },
    newReset: 'Demander un nouveau lien',
    newInvitation: 'Demandez une nouvelle invitation à la personne qui vous a invité.',
    newSignUp: 'S’inscrire à nouveau',
    known: 'Il existe maintenant un compte avec cette adresse e-mail. Connectez-vous avec celui-ci.',
  },
  register: {
    title: 'Créez votre compte',
    opening: 'Choisissez comment vous vous connectez, et le nom que les autres voient.',
    email: 'Votre adresse e-mail',
    username: 'Nom d’utilisateur',
    usernameHint: 'Lettres a–z, chiffres et les caractères . _ -',
    name: 'Votre nom',
    button: 'Créer le compte',
    usernameErrors: {
      missing: 'Choisissez un nom d’utilisateur.',
      rule: 'Un nom d’utilisateur a de 1 à 64 lettres a–z, chiffres et caractères . _ - (sans espaces ni accents).',
      taken: 'Quelqu’un a déjà ce nom d’utilisateur. Choisissez-en un autre.',
    },
    nameErrors: {
      missing: 'Saisissez votre nom.',
      'too-long': 'Un nom a au plus 100 caractères.',
      control: 'Un nom ne peut pas contenir de caractères de contrôle.',
    },
    doneTitle: 'Votre compte est prêt',
    done: 'Ouvrez Reachable dans votre navigateur et connectez-vous avec le nom d’utilisateur et le mot de passe choisis.',
  },
  signUp: {
    title: 'S’inscrire',
    opening: 'Veuillez saisir votre adresse e-mail. Nous vous envoyons un lien pour créer votre compte.',
    email: 'Adresse e-mail',
    button: 'Envoyer un lien',
    missing: 'Saisissez votre adresse e-mail.',
    wrong: 'Ce n’est pas une adresse e-mail. Elle ressemble à nom@clinique.example.',
    domain: (domains) => `L’adresse doit se terminer par ${domains.map((d) => `@${d}`).join(' ou ')}.`,
    sent: 'Un e-mail est en route vers l’adresse que vous avez saisie. Son lien fonctionne pendant 24 heures.',
    closedTitle: 'Ce serveur n’accepte pas d’inscriptions',
    closed: 'Les comptes sont créés par la personne qui le gère. Demandez-lui une invitation.',
  },
  landing: {
    title: 'Ce serveur fonctionne',
    about:
      'Reachable est un voyant dans la barre d’outils du navigateur, qui dit en toute vérité si les appels peuvent parvenir à qui l’utilise, et qui sonne quand il en vient un. Voici le serveur derrière ce voyant. Sur cette page, il n’y a rien à quoi se connecter.',
    address: 'Adresse du serveur',
    addressUse:
      'On vous a demandé l’adresse de votre serveur ? C’est celle-ci : copiez-la, puis collez-la dans les options de Reachable comme adresse du serveur (« Server address »).',
    askForAddress: 'On vous a demandé l’adresse de votre serveur ? Demandez-la à qui gère ce serveur.',
    copy: 'Copier',
    copied: 'Copiée',
    byHand:
      'Ce navigateur ne laisse pas les pages copier. L’adresse est sélectionnée : copiez-la avec Ctrl+C, sur Mac avec ⌘C.',
    stepsTitle: 'Pour être joignable',
    steps: [
      'Ajoutez l’extension Reachable à votre navigateur et épinglez son icône à la barre d’outils.',
      'Ouvrez-la. Si elle ne connaît pas encore ce serveur, saisissez-y l’adresse du serveur.',
      'Connectez-vous avec le nom d’utilisateur et le mot de passe que vous avez reçus.',
      'Un disque vert signifie qu’il vient d’être prouvé qu’un appel vous parvient.',
    ],
  },
  notFound: {
    title: 'Il n’y a rien ici',
    text: 'L’adresse est peut-être mal saisie, ou la salle est celle d’un appel auquel personne n’a répondu.',
  },
  room: {
    of: (from, to) => `${from} et ${to}`,
    title: 'Appel accepté',
    from: 'Appelle',
    to: 'Répond',
    at: 'Accepté à',
  },
  signInStopped: {
    why: {
      'no-start': {
        title: 'Ce n’est pas ainsi que l’on se connecte',
        text: 'L’adresse vers laquelle ce navigateur a été envoyé n’est pas de celles que Reachable utilise. Rien n’a été fait.',
      },
      unknown: {
        title: 'Cette connexion est terminée',
        text: 'Elle a déjà abouti, a pris trop de temps ou a été commencée dans un autre navigateur. Rien n’a été fait.',
      },
    },
    advice:
      'Pour vous connecter, ouvrez Reachable dans la barre d’outils du navigateur et commencez là. Vous pouvez fermer cette page.',
  },
  trouble: {
    strangeTitle: 'Ce formulaire ne vient pas d’ici',
    strange: 'Pour votre sécurité, il n’a pas été accepté. Ouvrez la page à nouveau et remplissez-le là.',
    anew: 'Ouvrir la page à nouveau',
    tooLargeTitle: 'C’est trop',
    tooLarge:
      'Votre saisie est plus longue que ce que ce serveur accepte. Revenez en arrière et raccourcissez-la.',
    failedTitle: 'Quelque chose s’est mal passé',
    failed: 'Rien n’a été modifié. Veuillez réessayer dans un moment.',
    busyTitle: 'Trop de monde à la fois',
    busy: 'Beaucoup de personnes se connectent en ce moment. Rien n’a été modifié. Revenez en arrière et réessayez dans quelques secondes.',
  },
}
