import type { MailTexts } from './en.ts'

export const mailsInSpanish: MailTexts = {
  greeting: (name) => `Hola, ${name}:`,
  greetingWithoutName: 'Hola:',
  orCopy: 'Si el botón no funciona, copie esta dirección en su navegador:',
  sentBy: (host) => `Este correo lo envía el servidor Reachable de ${host}. Nadie lee las respuestas.`,

  reset: {
    subject: 'Elija una contraseña nueva',
    opening: 'Alguien, probablemente usted, ha pedido una contraseña nueva para su cuenta.',
    username: 'Su nombre de usuario',
    button: 'Elegir una contraseña nueva',
    life: 'El enlace sirve una sola vez, durante las próximas 24 horas.',
    ignore:
      'Si no ha sido usted, no tiene que hacer nada: ignore este correo y su contraseña seguirá igual. No pase el enlace a nadie.',
  },
  changed: {
    subject: 'Se ha cambiado su contraseña',
    opening:
      'Se ha cambiado la contraseña de su cuenta. Se ha cerrado la sesión en los dispositivos que usaban la anterior.',
    username: 'Su nombre de usuario',
    when: 'Cambiada el',
    ifYou: 'Si ha sido usted, todo está bien: inicie sesión con la contraseña nueva.',
    ifNot: 'Si no ha sido usted, elija enseguida otra contraseña y avise a quien administra su servidor.',
    button: 'No he sido yo',
  },
  invitation: {
    subject: 'Su cuenta de Reachable',
    opening:
      'Le invitamos a Reachable: una luz en su navegador que muestra si las llamadas pueden llegarle y que suena cuando entra una.',
    button: 'Preparar mi cuenta',
    life: 'El enlace sirve una sola vez, durante los próximos 7 días. Con él elige su nombre de usuario y su contraseña.',
    ignore: 'Si no lo esperaba, puede ignorarlo: sin usted no se crea ninguna cuenta.',
  },
  signUp: {
    subject: 'Confirme su dirección de correo',
    opening: 'Alguien, probablemente usted, quiere una cuenta de Reachable con esta dirección de correo.',
    button: 'Confirmar y seguir',
    life: 'El enlace sirve una sola vez, durante las próximas 24 horas. Con él elige su nombre de usuario y su contraseña.',
    ignore: 'Si no ha sido usted, puede ignorar este correo: sin usted no se crea ninguna cuenta.',
  },
  known: {
    subject: 'Ya tiene una cuenta',
    opening:
      'Alguien, probablemente usted, ha pedido una cuenta de Reachable con esta dirección de correo. Ya existe una, así que no se ha creado otra.',
    username: 'Su nombre de usuario',
    forgot: 'Si ha olvidado su contraseña, elija una nueva:',
    button: 'Elegir una contraseña nueva',
    ignore: 'Si no ha sido usted, puede ignorar este correo: no se ha cambiado nada.',
  },
  missed: {
    subject: (calls) => (calls === 1 ? 'Tiene una llamada perdida' : `Tiene ${calls} llamadas perdidas`),
    opening: (calls) =>
      calls === 1
        ? 'Recibió una llamada cuando ninguno de sus dispositivos estaba disponible.'
        : `Recibió ${calls} llamadas cuando ninguno de sus dispositivos estaba disponible.`,
    from: (at, caller) => `${at}, ${caller}`,
    more: (calls) => `y ${calls} más`,
    where: 'Inicie sesión en Reachable para verlas. Las llamadas le llegan mientras la luz está verde.',
    stop: 'Puede desactivar estos correos en «Mi cuenta», en el menú de sus iniciales.',
  },
}
