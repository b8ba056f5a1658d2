import type { MailTexts } from './en.ts'

export const mailsInSpanish: MailTexts = {
  greeting: (name) => `Hola, ${name}:`,
  greetingWithoutName: 'Hola:',
  orCopy: 'Si el botón no funciona, copie esta dirección en su navegador:',
  sentBy: (host) => `Este correo lo envía el servidor Reachable de ${host}. Nadie lee las respuestas.`,
  username: 'Su nombre de usuario',
  when: 'Cuándo',
  address: 'Desde la dirección',
  quoted: (written) => `«${written}»`,

  reset: {
    subject: 'Elija una contraseña nueva',
    opening: 'Alguien, probablemente usted, ha pedido una contraseña nueva para su cuenta.',
    username: 'Su nombre de usuario',
    button: 'Elegir una contraseña nueva',
    life: 'El enlace funciona una sola vez, durante las próximas 24 horas.',
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
    life: 'El enlace funciona una sola vez, durante los próximos 7 días. Con él elige su nombre de usuario y su contraseña.',
    ignore: 'Si no lo esperaba, puede ignorarlo: sin usted no se crea ninguna cuenta.',
  },
  signUp: {
    subject: 'Confirme su dirección de correo',
    opening: 'Alguien, probablemente usted, quiere una cuenta de Reachable con esta dirección de correo.',
    button: 'Confirmar y seguir',
    life: 'El enlace funciona una sola vez, durante las próximas 24 horas. Con él elige su nombre de usuario y su contraseña.',
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
  expected: {
    subject: (calls) => (calls === 1 ? 'Se espera una llamada' : `Se esperan ${calls} llamadas`),
    opening: (calls) =>
      calls === 1
        ? 'Se espera una llamada para usted y, cuando se preparó este correo, ninguno de sus dispositivos estaba disponible.'
        : `Se esperan ${calls} llamadas para usted y, cuando se preparó este correo, ninguno de sus dispositivos estaba disponible.`,
    from: (at, caller) => `${at}, ${caller}`,
    more: (calls) => `y ${calls} más`,
    where:
      'Abra su navegador e inicie sesión en Reachable si no la tiene abierta. Las llamadas le llegan mientras la luz está verde.',
    stop: 'Puede desactivar estos correos en «Mi cuenta», en el menú de sus iniciales.',
  },
  unread: {
    subject: (messages) =>
      messages === 1 ? 'Tiene un mensaje sin leer' : `Tiene ${messages} mensajes sin leer`,
    opening: (messages) =>
      messages === 1
        ? 'Un mensaje para usted aún no se ha leído.'
        : `${messages} mensajes para usted aún no se han leído.`,
    from: (sender, messages) =>
      messages === 1 ? `${sender}: un mensaje` : `${sender}: ${messages} mensajes`,
    more: (senders) => (senders === 1 ? 'y una persona más' : `y ${senders} personas más`),
    where: 'Inicie sesión en Reachable para leerlos.',
    stop: 'Puede desactivar estos correos en «Mi cuenta», en el menú de sus iniciales.',
  },
  tokenTried: {
    subject: 'Alguien ha intentado usar su sesión',
    opening:
      'Alguien ha intentado usar una de sus sesiones sin la clave que le corresponde. No se ha abierto nada: sin esa clave no le sirve a nadie.',
    device: 'El dispositivo al que pertenece',
    act: 'Cierre la sesión de ese dispositivo en «Mi cuenta», en el menú de sus iniciales, y elija una contraseña nueva.',
    button: 'Elegir una contraseña nueva',
  },
  issuerLinked: {
    subject: (issuer) => `Una cuenta de ${issuer} puede iniciar sesión como usted`,
    opening: (issuer) =>
      `A partir de ahora, una cuenta de ${issuer} puede iniciar sesión en Reachable como usted.`,
    ifYou: 'Si ha sido usted, todo está bien.',
    ifNot:
      'Si no ha sido usted, desvincúlela en «Mi cuenta», en el menú de sus iniciales, elija allí una contraseña nueva y avise a quien administra su servidor.',
  },
  accountAdded: {
    subject: 'Tiene una cuenta de Reachable',
    opening: (host) =>
      `Quien administra el servidor Reachable de ${host} ha creado una cuenta para usted. Reachable es una luz en su navegador que muestra si las llamadas pueden llegarle y que suena cuando entra una.`,
    begin: (start) => `En ${start} se explica cómo añadir Reachable a su navegador y cómo iniciar sesión.`,
    choose:
      'Si le han dado una contraseña, elija una propia que nadie más conozca. «¿Ha olvidado la contraseña?» le envía un enlace para ello:',
    button: '¿Ha olvidado la contraseña?',
    ignore: 'Si no lo esperaba, avise a quien administra ese servidor.',
  },
  apiKeyCreated: {
    subject: 'Se ha creado una clave de API',
    opening: (host) => `Se ha creado una clave de API para el servidor Reachable de ${host}.`,
    key: 'Nombre de la clave',
    scope: 'Qué permite',
    scopes: {
      calls: 'hacer llamadas',
      messages: 'escribir a las personas',
      presence: 'ver si se puede localizar a las personas',
      'expected-calls': 'anunciar que se espera una llamada',
      contacts: 'hacer que las personas sean contactos entre sí',
      webhooks: 'recibir eventos en una dirección',
      scim: 'crear y cambiar cuentas (SCIM)',
      metrics: 'leer cómo está el servidor',
    },
    ifNot:
      'Si no sabe nada de ella, revóquela en el servidor (npm run api-key -- revoke NOMBRE) y mire qué se ha hecho allí: npm run audit.',
  },
  apiKeyRevoked: {
    subject: 'Se ha revocado una clave de API',
    opening: (host) =>
      `Se ha revocado una clave de API del servidor Reachable de ${host}: lo que la usa será rechazado desde ahora.`,
    key: 'Nombre de la clave',
    ifNot: 'Si no sabe nada de ello, mire qué se ha hecho en el servidor: npm run audit.',
  },
  apiKeyMisused: {
    subject: 'Se ha probado una clave de API donde no sirve',
    opening: (host) =>
      `Con una clave de API del servidor Reachable de ${host} se ha intentado algo para lo que no fue creada, y ha sido rechazado: por un error de un programa, o por alguien que no debería tenerla.`,
    key: 'Nombre de la clave',
    act: 'Si no sabe de ningún error, revóquela en el servidor (npm run api-key -- revoke NOMBRE). Puede haber habido más intentos que este: npm run audit.',
  },
  diskLow: {
    subject: 'Queda poco espacio en su servidor Reachable',
    opening: (host) => `Queda poco espacio en el disco del servidor Reachable de ${host}.`,
    free: 'Queda libre',
    why: 'Cuando esté lleno no se podrá anotar ninguna llamada, y nadie estará disponible hasta que haya espacio.',
    act: 'Haga espacio en el disco que contiene su carpeta de datos. En el servidor, «npm run doctor» dice qué falla.',
  },
}
