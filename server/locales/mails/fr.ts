import type { MailTexts } from './en.ts'

export const mailsInFrench: MailTexts = {
  greeting: (name) => `Bonjour ${name},`,
  greetingWithoutName: 'Bonjour,',
  orCopy: 'Si le bouton ne fonctionne pas, copiez cette adresse dans votre navigateur :',
  sentBy: (host) =>
    `Cet e-mail est envoyé par le serveur Reachable de ${host}. Personne ne lit les réponses.`,
  username: 'Votre nom d’utilisateur',
  when: 'Quand',
  address: 'Depuis l’adresse',
  quoted: (written) => `« ${written} »`,

  reset: {
    subject: 'Choisissez un nouveau mot de passe',
    opening: 'Quelqu’un, sans doute vous, a demandé un nouveau mot de passe pour votre compte.',
    username: 'Votre nom d’utilisateur',
    button: 'Choisir un nouveau mot de passe',
    life: 'Le lien fonctionne une seule fois, pendant les 24 prochaines heures.',
    ignore:
      'Si ce n’était pas vous, il n’y a rien à faire : ignorez cet e-mail, votre mot de passe reste le même. Ne transmettez ce lien à personne.',
  },
  changed: {
    subject: 'Votre mot de passe a été modifié',
    opening:
      'Le mot de passe de votre compte a été modifié. Les appareils connectés avec l’ancien ont été déconnectés.',
    username: 'Votre nom d’utilisateur',
    when: 'Modifié le',
    ifYou: 'Si c’était vous, tout va bien : connectez-vous avec le nouveau mot de passe.',
    ifNot:
      'Si ce n’était pas vous, choisissez tout de suite un autre mot de passe et prévenez la personne qui gère votre serveur.',
    button: 'Ce n’était pas moi',
  },
  invitation: {
    subject: 'Votre compte Reachable',
    opening:
      'Vous êtes invité à utiliser Reachable : un voyant dans votre navigateur qui montre si les appels peuvent vous joindre, et qui sonne quand il en arrive un.',
    button: 'Créer mon compte',
    life: 'Le lien fonctionne une seule fois, pendant les 7 prochains jours. Il vous permet de choisir votre nom d’utilisateur et votre mot de passe.',
    ignore: 'Si vous ne l’attendiez pas, vous pouvez l’ignorer : aucun compte n’est créé sans vous.',
  },
  signUp: {
    subject: 'Confirmez votre adresse e-mail',
    opening: 'Quelqu’un, sans doute vous, souhaite un compte Reachable avec cette adresse e-mail.',
    button: 'Confirmer et continuer',
    life: 'Le lien fonctionne une seule fois, pendant les 24 prochaines heures. Il vous permet de choisir votre nom d’utilisateur et votre mot de passe.',
    ignore: 'Si ce n’était pas vous, vous pouvez ignorer cet e-mail : aucun compte n’est créé sans vous.',
  },
  known: {
    subject: 'Vous avez déjà un compte',
    opening:
      'Quelqu’un, sans doute vous, a demandé un compte Reachable avec cette adresse e-mail. Il en existe déjà un, aucun autre n’a donc été créé.',
    username: 'Votre nom d’utilisateur',
    forgot: 'Si vous avez oublié votre mot de passe, choisissez-en un nouveau :',
    button: 'Choisir un nouveau mot de passe',
    ignore: 'Si ce n’était pas vous, vous pouvez ignorer cet e-mail : rien n’a été modifié.',
  },
  missed: {
    subject: (calls) => (calls === 1 ? 'Vous avez manqué un appel' : `Vous avez manqué ${calls} appels`),
    opening: (calls) =>
      calls === 1
        ? 'Un appel pour vous est arrivé alors qu’aucun de vos appareils n’était joignable.'
        : `${calls} appels pour vous sont arrivés alors qu’aucun de vos appareils n’était joignable.`,
    from: (at, caller) => `${at}, ${caller}`,
    more: (calls) => `et ${calls} de plus`,
    where:
      'Connectez-vous à Reachable pour les voir. Les appels vous parviennent tant que le voyant est vert.',
    stop: 'Vous pouvez désactiver ces e-mails dans « Mon compte », dans le menu sous vos initiales.',
  },
  expected: {
    subject: (calls) => (calls === 1 ? 'Un appel est attendu' : `${calls} appels sont attendus`),
    opening: (calls) =>
      calls === 1
        ? 'Un appel pour vous est attendu et, au moment où cet e-mail a été préparé, aucun de vos appareils n’était joignable.'
        : `${calls} appels pour vous sont attendus et, au moment où cet e-mail a été préparé, aucun de vos appareils n’était joignable.`,
    from: (at, caller) => `${at}, ${caller}`,
    more: (calls) => `et ${calls} de plus`,
    where:
      'Ouvrez votre navigateur et connectez-vous à Reachable si vous ne l’êtes pas. Les appels vous parviennent tant que le voyant est vert.',
    stop: 'Vous pouvez désactiver ces e-mails dans « Mon compte », dans le menu sous vos initiales.',
  },
  unread: {
    subject: (messages) =>
      messages === 1 ? 'Vous avez un message non lu' : `Vous avez ${messages} messages non lus`,
    opening: (messages) =>
      messages === 1
        ? 'Un message pour vous n’a pas encore été lu.'
        : `${messages} messages pour vous n’ont pas encore été lus.`,
    from: (sender, messages) =>
      messages === 1 ? `${sender} : un message` : `${sender} : ${messages} messages`,
    more: (senders) => (senders === 1 ? 'et une autre personne' : `et ${senders} autres personnes`),
    where: 'Connectez-vous à Reachable pour les lire.',
    stop: 'Vous pouvez désactiver ces e-mails dans « Mon compte », dans le menu sous vos initiales.',
  },
  tokenTried: {
    subject: 'Quelqu’un a essayé d’utiliser votre connexion',
    opening:
      'Quelqu’un a essayé d’utiliser une de vos connexions sans la clé qui lui correspond. Rien n’a été ouvert : sans cette clé, elle ne sert à personne.',
    device: 'L’appareil auquel elle appartient',
    act: 'Déconnectez cet appareil dans « Mon compte », dans le menu sous vos initiales, et choisissez un nouveau mot de passe.',
    button: 'Choisir un nouveau mot de passe',
  },
  issuerLinked: {
    subject: (issuer) => `Un compte chez ${issuer} peut se connecter à votre place`,
    opening: (issuer) =>
      `À partir de maintenant, un compte chez ${issuer} peut se connecter à Reachable en votre nom.`,
    ifYou: 'Si c’était vous, tout va bien.',
    ifNot:
      'Si ce n’était pas vous, dissociez-le dans « Mon compte », dans le menu sous vos initiales, choisissez-y un nouveau mot de passe et prévenez la personne qui gère votre serveur.',
  },
  accountAdded: {
    subject: 'Vous avez un compte Reachable',
    opening: (host) =>
      `La personne qui gère le serveur Reachable de ${host} a créé un compte pour vous. Reachable est un voyant dans votre navigateur qui montre si les appels peuvent vous joindre, et qui sonne quand il en arrive un.`,
    begin: (start) =>
      `La page ${start} explique comment ajouter Reachable à votre navigateur et vous connecter.`,
    choose:
      'Si quelqu’un vous a donné un mot de passe, choisissez-en un que vous seul connaissez. « Mot de passe oublié ? » vous envoie un lien pour cela :',
    button: 'Mot de passe oublié ?',
    ignore: 'Si vous ne l’attendiez pas, prévenez la personne qui gère ce serveur.',
  },
  apiKeyCreated: {
    subject: 'Une clé d’API a été créée',
    opening: (host) => `Une clé d’API a été créée pour le serveur Reachable de ${host}.`,
    key: 'Nom de la clé',
    scope: 'Ce qu’elle permet',
    scopes: {
      calls: 'appeler',
      messages: 'écrire aux personnes',
      presence: 'voir si les personnes sont joignables',
      'expected-calls': 'annoncer qu’un appel est attendu',
      contacts: 'faire que des personnes soient contacts les unes des autres',
      webhooks: 'faire envoyer des événements à une adresse',
      scim: 'créer et modifier des comptes (SCIM)',
      metrics: 'lire l’état du serveur',
    },
    ifNot:
      'Si vous n’en savez rien, révoquez-la sur le serveur (npm run api-key -- revoke NOM) et regardez ce qui s’y est passé : npm run audit.',
  },
  apiKeyRevoked: {
    subject: 'Une clé d’API a été révoquée',
    opening: (host) =>
      `Une clé d’API du serveur Reachable de ${host} a été révoquée : ce qui l’utilise est désormais refusé.`,
    key: 'Nom de la clé',
    ifNot: 'Si vous n’en savez rien, regardez ce qui s’est passé sur le serveur : npm run audit.',
  },
  apiKeyMisused: {
    subject: 'Une clé d’API a été essayée là où elle ne vaut rien',
    opening: (host) =>
      `Une clé d’API du serveur Reachable de ${host} a été essayée pour autre chose que ce pour quoi elle a été faite, et refusée : par l’erreur d’un programme, ou par quelqu’un qui ne devrait pas l’avoir.`,
    key: 'Nom de la clé',
    act: 'Si vous ne savez rien d’une erreur, révoquez-la sur le serveur (npm run api-key -- revoke NOM). Il peut y avoir eu d’autres essais que celui-ci : npm run audit.',
  },
  diskLow: {
    subject: 'Le disque de votre serveur Reachable est presque plein',
    opening: (host) => `Le disque du serveur Reachable de ${host} est presque plein.`,
    free: 'Encore libre',
    why: 'Une fois qu’il est plein, aucun appel ne peut être noté, et personne n’est joignable tant qu’il n’y a pas de place.',
    act: 'Faites de la place sur le disque qui contient son dossier de données. Sur le serveur, « npm run doctor » dit ce qui ne va pas.',
  },
}
