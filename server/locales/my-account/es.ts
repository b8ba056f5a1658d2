import type { MyAccountTexts } from './en.ts'

export const myAccountInSpanish: MyAccountTexts = {
  title: 'Mi cuenta',
  login: { username: 'Nombre de usuario', email: 'Dirección de correo' },
  leave: 'Cerrar estas páginas',
  back: 'Volver a mi cuenta',
  tooSoon: (seconds) =>
    `Demasiadas contraseñas incorrectas. Inténtelo de nuevo dentro de ${seconds === 1 ? 'un segundo' : `${seconds} segundos`}.`,

  done: {
    name: 'Su nombre se ha cambiado.',
    settings: 'Sus ajustes se han guardado.',
    password: 'Su contraseña se ha cambiado. Se ha cerrado su sesión en todos los demás sitios.',
    device: 'Se ha cerrado la sesión en el dispositivo.',
    others: 'Se ha cerrado su sesión en todos los demás sitios.',
    unlinked: 'El vínculo se ha quitado.',
  },
  name: { title: 'Quién es usted', label: 'El nombre que ven los demás', button: 'Cambiar el nombre' },
  settings: {
    title: 'Idioma, correos y mensajes',
    language: 'Idioma',
    asBrowser: 'El que pida mi navegador',
    mailMissed:
      'Escribirme sobre las llamadas que perdí mientras ninguno de mis dispositivos estaba disponible',
    mailUnread: 'Escribirme sobre los mensajes que no he leído',
    mailNames: 'Decir en esos correos quién llamó o escribió',
    tellsRead: 'Mostrar a los contactos que también lo quieran hasta dónde he leído sus mensajes',
    button: 'Guardar',
  },
  password: {
    title: 'Contraseña',
    change: 'Cambiar la contraseña',
    old: 'Su contraseña actual',
    oldMissing: 'Escriba la contraseña que tiene ahora.',
    wrong: 'Esta no es su contraseña.',
    same: 'Esta ya es su contraseña. Elija otra.',
    others: 'Se cerrará su sesión en todos los demás dispositivos, y un correo le avisará del cambio.',
    button: 'Cambiar la contraseña',
    none: (issuer) => `No tiene contraseña: inicia sesión con ${issuer}.`,
    choose: 'Elegir una contraseña con un enlace por correo',
    forgot: '¿La ha olvidado?',
    sure: 'Su contraseña, para estar seguros de que es usted',
    sureMissing: 'Escriba su contraseña.',
  },
  devices: {
    title: 'Dónde tiene la sesión iniciada',
    on: (browser, system) => `${browser} en ${system}`,
    unknown: 'Un navegador que no conocemos',
    here: 'Este dispositivo',
    from: (address) => `Sesión iniciada desde ${address}`,
    onNow: 'Activo ahora',
    onWhenLoaded: 'Activo al cargarse esta página:',
    seen: 'Visto por última vez: hacia',
    out: 'Cerrar sesión',
    outOf: (device) => `Cerrar sesión: ${device}`,
    others: 'Cerrar sesión en todos los demás sitios',
  },
  issuer: {
    title: (issuer) => `Iniciar sesión con ${issuer}`,
    linked: (issuer, address) =>
      address === null ? `Su cuenta de ${issuer} está vinculada.` : `Vinculada con ${address}, de ${issuer}.`,
    unlink: 'Quitar el vínculo',
    sureTitle: '¿Quitar el vínculo?',
    sure: (issuer) => `A partir de entonces iniciará sesión con su contraseña, y no con ${issuer}.`,
    onlyWay: 'Es su única manera de iniciar sesión. Para quitar el vínculo, elija antes una contraseña.',
    again: 'Si vuelve a iniciar sesión con ella, se vinculará de nuevo.',
  },
  remove: {
    title: 'Eliminar mi cuenta',
    link: 'Eliminar mi cuenta …',
    about: 'Se borra todo lo que dice quién es usted, y nadie podrá recuperarlo.',
    opening: 'Si elimina su cuenta:',
    effects: [
      'se cerrará su sesión en todas partes y ninguna llamada podrá llegarle',
      'se borrarán su nombre, nombre de usuario, dirección, ajustes y correos',
      'las llamadas quedarán registradas sin su nombre',
      'nadie podrá recuperarla',
    ],
    goOn: 'Continuar',
    sureTitle: '¿Eliminarla para siempre?',
    sure: (login) => `Con esto se elimina la cuenta ${login}.`,
    button: 'Eliminar mi cuenta para siempre',
    fresh: (issuer) =>
      `Para estar seguros de que es usted: cierre la sesión de Reachable, vuelva a iniciarla con ${issuer} y regrese aquí en menos de 5 minutos.`,
    doneTitle: 'Su cuenta se ha eliminado',
    done: 'Se ha cerrado su sesión en todas partes. Gracias por haber estado disponible.',
  },
  left: {
    title: 'Ha cerrado estas páginas',
    text: 'Reachable sigue con la sesión iniciada. Para volver, elija «Mi cuenta» en el menú de sus iniciales.',
  },
  out: {
    title: 'Se ha cerrado su sesión',
    text: 'En este dispositivo se ha cerrado la sesión de Reachable, y también la de estas páginas.',
  },
  tooFast: {
    title: 'Demasiado a la vez',
    text: (seconds) =>
      `Se ha pedido a estas páginas más de lo que nadie pulsa. No se ha cambiado nada. Inténtelo de nuevo dentro de ${seconds === 1 ? 'un segundo' : `${seconds} segundos`}.`,
  },
  closed: {
    title: 'Estas páginas están cerradas',
    text: 'Solo se abren desde Reachable, y se cierran cuando cierra la sesión y cuando no se ha hecho nada durante media hora. No se ha cambiado nada. Inicie sesión en Reachable y elija «Mi cuenta» en el menú de sus iniciales.',
  },
  sure: {
    title: '¿Abrir estas páginas de cuenta?',
    text: (name, login) =>
      `Otro sitio ha llevado hasta aquí. Estas son las páginas de ${name} (${login}). Continúe si es usted; si no, cierre esta página.`,
    button: (name) => `Continuar como ${name}`,
  },
  code: {
    title: 'Este enlace ya no funciona',
    text: 'Funciona una vez, durante un minuto. Elija de nuevo «Mi cuenta» en el menú de sus iniciales.',
  },
}
