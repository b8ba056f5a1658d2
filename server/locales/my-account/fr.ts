import type { MyAccountTexts } from './en.ts'

export const myAccountInFrench: MyAccountTexts = {
  title: 'Mon compte',
  login: { username: 'Nom d’utilisateur', email: 'Adresse e-mail' },
  leave: 'Fermer ces pages',
  back: 'Retour à mon compte',
  tooSoon: (seconds) =>
    `Trop de mots de passe erronés. Réessayez dans ${seconds === 1 ? 'une seconde' : `${seconds} secondes`}.`,

  done: {
    name: 'Votre nom est modifié.',
    settings: 'Vos réglages sont enregistrés.',
    password: 'Votre mot de passe est modifié. Vous avez été déconnecté partout ailleurs.',
    device: 'L’appareil est déconnecté.',
    others: 'Vous êtes déconnecté partout ailleurs.',
    unlinked: 'Le lien est supprimé.',
  },
  name: { title: 'Qui vous êtes', label: 'Le nom que les autres voient', button: 'Modifier le nom' },
  settings: {
    title: 'Langue, e-mails et messages',
    language: 'Langue',
    asBrowser: 'Celle que demande mon navigateur',
    mailMissed: 'M’écrire au sujet des appels manqués pendant qu’aucun de mes appareils n’était joignable',
    mailUnread: 'M’écrire au sujet des messages que je n’ai pas lus',
    mailNames: 'Dire dans ces e-mails qui a appelé ou écrit',
    tellsRead: 'Montrer aux contacts qui le veulent aussi jusqu’où j’ai lu leurs messages',
    button: 'Enregistrer',
  },
  password: {
    title: 'Mot de passe',
    change: 'Modifier le mot de passe',
    old: 'Votre mot de passe actuel',
    oldMissing: 'Saisissez le mot de passe que vous avez maintenant.',
    wrong: 'Ce n’est pas votre mot de passe.',
    same: 'C’est déjà votre mot de passe. Choisissez-en un autre.',
    others: 'Vous serez déconnecté de tous les autres appareils, et un e-mail vous annoncera le changement.',
    button: 'Modifier le mot de passe',
    none: (issuer) => `Vous n’avez pas de mot de passe : vous vous connectez avec ${issuer}.`,
    choose: 'Choisir un mot de passe par un lien envoyé par e-mail',
    forgot: 'Oublié ?',
    sure: 'Votre mot de passe, pour être sûr que c’est vous',
    sureMissing: 'Saisissez votre mot de passe.',
  },
  devices: {
    title: 'Où vous êtes connecté',
    on: (browser, system) => `${browser} sous ${system}`,
    unknown: 'Un navigateur que nous ne connaissons pas',
    here: 'Cet appareil',
    from: (address) => `Connecté depuis ${address}`,
    onNow: 'Actif maintenant',
    onWhenLoaded: 'Actif au chargement de cette page :',
    seen: 'Vu pour la dernière fois : vers',
    out: 'Déconnecter',
    outOf: (device) => `Déconnecter : ${device}`,
    others: 'Déconnecter partout ailleurs',
  },
  issuer: {
    title: (issuer) => `Connexion avec ${issuer}`,
    linked: (issuer, address) =>
      address === null ? `Votre compte ${issuer} est lié.` : `Lié à ${address} chez ${issuer}.`,
    unlink: 'Supprimer le lien',
    sureTitle: 'Supprimer le lien ?',
    sure: (issuer) => `Ensuite, vous vous connecterez avec votre mot de passe, et non avec ${issuer}.`,
    onlyWay:
      'C’est votre seul moyen de vous connecter. Pour supprimer le lien, choisissez d’abord un mot de passe.',
    again: 'Si vous vous connectez encore une fois avec lui, il sera lié de nouveau.',
  },
  remove: {
    title: 'Supprimer mon compte',
    link: 'Supprimer mon compte …',
    about: 'Tout ce qui dit qui vous êtes est effacé, et personne ne pourra le rétablir.',
    opening: 'Si vous supprimez votre compte :',
    effects: [
      'vous serez déconnecté partout, et aucun appel ne pourra plus vous joindre',
      'vos nom, nom d’utilisateur, adresse, réglages et e-mails seront effacés',
      'les appels resteront enregistrés sans votre nom',
      'personne ne pourra le rétablir',
    ],
    goOn: 'Continuer',
    sureTitle: 'Supprimer définitivement ?',
    sure: (login) => `Ceci supprime le compte ${login}.`,
    button: 'Supprimer mon compte définitivement',
    fresh: (issuer) =>
      `Pour être sûr que c’est vous : déconnectez-vous de Reachable, reconnectez-vous avec ${issuer} et revenez ici dans les 5 minutes.`,
    doneTitle: 'Votre compte est supprimé',
    done: 'Vous êtes déconnecté partout. Merci d’avoir été joignable.',
  },
  left: {
    title: 'Vous avez fermé ces pages',
    text: 'Reachable reste connecté. Pour revenir, choisissez « Mon compte » dans le menu sous vos initiales.',
  },
  out: {
    title: 'Vous êtes déconnecté',
    text: 'Cet appareil est déconnecté de Reachable, et de ces pages aussi.',
  },
  tooFast: {
    title: 'Trop à la fois',
    text: (seconds) =>
      `On a demandé à ces pages plus que personne ne clique. Rien n’a été modifié. Réessayez dans ${seconds === 1 ? 'une seconde' : `${seconds} secondes`}.`,
  },
  closed: {
    title: 'Ces pages sont fermées',
    text: 'Elles ne s’ouvrent que depuis Reachable, et se ferment quand vous vous déconnectez et quand rien n’a été fait pendant une demi-heure. Rien n’a été modifié. Connectez-vous à Reachable et choisissez « Mon compte » dans le menu sous vos initiales.',
  },
  sure: {
    title: 'Ouvrir ces pages de compte ?',
    text: (name, login) =>
      `Un autre site a mené ici. Ce sont les pages de ${name} (${login}). Continuez si c’est vous ; sinon, fermez cette page.`,
    button: (name) => `Continuer en tant que ${name}`,
  },
  code: {
    title: 'Ce lien ne fonctionne plus',
    text: 'Il fonctionne une fois, pendant une minute. Choisissez de nouveau « Mon compte » dans le menu sous vos initiales.',
  },
}
