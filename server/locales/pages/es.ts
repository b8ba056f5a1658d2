import type { PageTexts } from './en.ts'

export const pagesInSpanish: PageTexts = {
  summary: (errors) => (errors === 1 ? 'Hay que corregir una cosa:' : `Hay que corregir ${errors} cosas:`),
  errorTitle: (title) => `Error: ${title}`,
  tooOften: (minutes) =>
    `Esto se ha pedido muchas veces en una hora. Vuelva a intentarlo dentro de ${minutes === 1 ? 'un minuto' : `${minutes} minutos`}.`,
  ready: 'Puede cerrar esta página.',
  home: 'Página de inicio de este servidor',

  forgot: {
    title: '¿Ha olvidado su contraseña?',
    opening:
      'Escriba su dirección de correo o su nombre de usuario. Le enviaremos un enlace para elegir una contraseña nueva.',
    login: 'Dirección de correo o nombre de usuario',
    button: 'Enviarme un enlace',
    missing: 'Escriba su dirección de correo o su nombre de usuario.',
    tooLong: 'Una dirección de correo o un nombre de usuario tiene 254 caracteres como máximo.',
    sentTitle: 'Mire su buzón',
    sent: 'Si hay una cuenta para lo que ha escrito, un correo con un enlace está en camino. El enlace funciona durante 24 horas.',
    nothing: '¿Nada tras unos minutos? Mire también en el correo no deseado y compruebe lo que escribió.',
    again: 'Escribirlo otra vez',
  },
  password: {
    label: 'Contraseña nueva',
    again: 'Contraseña nueva, otra vez',
    needs: 'Necesita:',
    missing: 'Escriba una contraseña nueva.',
    broken: 'A la contraseña le falta algo.',
    control: 'Una contraseña no puede llevar caracteres de control, como un tabulador o un salto de línea.',
    differ: 'Las dos contraseñas no son iguales.',
    enterAgain: 'Las contraseñas no se guardan en esta página: escríbala otra vez.',
    show: 'Mostrar la contraseña',
    hide: 'Ocultar la contraseña',
    met: 'listo',
    lacking: 'falta',
    rules: {
      capital: 'una letra mayúscula, A–Z',
      small: 'una letra minúscula, a–z',
      digit: 'una cifra, 0–9',
      other: 'otro carácter, como ! o un espacio',
      length: 'de 8 a 128 caracteres en total',
    },
    hard: 'Y debe ser difícil de adivinar: ninguna contraseña común ni nombre con algo añadido, ninguna fila de teclas, nada de su nombre o su dirección.',
    weak: {
      own: 'Esta contraseña es fácil de adivinar, porque se basa en su nombre, su dirección o el nombre de este lugar. Elija algo que no tenga nada que ver con usted: tres o cuatro palabras sin relación entre sí, o lo que cree un gestor de contraseñas.',
      pattern:
        'Esta contraseña es fácil de adivinar: son sobre todo teclas vecinas, una repetición, una serie o una fecha. Es mejor usar tres o cuatro palabras sin relación entre sí, o lo que cree un gestor de contraseñas.',
      common:
        'Esta contraseña es fácil de adivinar: es una contraseña, una palabra o un nombre comunes con algo añadido, y son las primeras que se prueban. Es mejor usar tres o cuatro palabras sin relación entre sí, o lo que cree un gestor de contraseñas.',
    },
  },
  reset: {
    title: 'Elija una contraseña nueva',
    username: 'Su nombre de usuario',
    email: 'Su dirección de correo',
    button: 'Guardar la contraseña nueva',
    doneTitle: 'Su contraseña se ha cambiado',
    done: 'Desde ahora, inicie sesión con la contraseña nueva. Se ha cerrado la sesión en todos los dispositivos: iníciela de nuevo donde quiera estar disponible.',
  },
  dead: {
    title: 'Este enlace ya no funciona',
    why: {
      unknown: 'Está incompleto o es muy antiguo. Ábralo de nuevo desde el correo o cópielo entero.',
      used: 'Ya se ha usado, y un enlace funciona una sola vez. Si no ha sido usted, pida enseguida otro.',
      expired: 'Su plazo ha terminado.',
      newer: 'Después se envió un enlace más nuevo. Use el del último correo.',
      'password-changed': 'La contraseña se cambió después de enviarlo.',
      'address-changed': 'La dirección de correo de la cuenta se cambió después de enviarlo.',
      withdrawn: 'Se ha retirado.',
    },
    newReset: 'Pedir un enlace nuevo',
    newInvitation: 'Pida otra invitación a quien le invitó.',
    newSignUp: 'Registrarse otra vez',
    known: 'Ya hay una cuenta con esta dirección de correo. Inicie sesión con ella.',
  },
  register: {
    title: 'Prepare su cuenta',
    opening: 'Elija cómo inicia sesión y el nombre que verán los demás.',
    email: 'Su dirección de correo',
    username: 'Nombre de usuario',
    usernameHint: 'Letras a–z, cifras y los caracteres . _ -',
    name: 'Su nombre',
    button: 'Crear la cuenta',
    usernameErrors: {
      missing: 'Elija un nombre de usuario.',
      rule: 'Un nombre de usuario tiene de 1 a 64 letras a–z, cifras y los caracteres . _ - (sin espacios ni acentos).',
      taken: 'Alguien ya tiene este nombre de usuario. Elija otro.',
    },
    nameErrors: {
      missing: 'Escriba su nombre.',
      'too-long': 'Un nombre tiene 100 caracteres como máximo.',
      control: 'Un nombre no puede llevar caracteres de control.',
    },
    doneTitle: 'Su cuenta está lista',
    done: 'Abra Reachable en su navegador e inicie sesión con el nombre de usuario y la contraseña que ha elegido.',
  },
  signUp: {
    title: 'Registrarse',
    opening: 'Escriba su dirección de correo. Le enviaremos un enlace para preparar su cuenta.',
    email: 'Dirección de correo',
    button: 'Enviarme un enlace',
    missing: 'Escriba su dirección de correo.',
    wrong: 'Esto no es una dirección de correo. Debería ser como nombre@clinica.example.',
    domain: (domains) => `La dirección tiene que terminar en ${domains.map((d) => `@${d}`).join(' o ')}.`,
    sent: 'Un correo está en camino a la dirección que ha escrito. Su enlace funciona durante 24 horas.',
    closedTitle: 'En este servidor no es posible registrarse',
    closed: 'Las cuentas las crea quien lo administra. Pídale una invitación.',
  },
  landing: {
    title: 'Este servidor está en marcha',
    about:
      'Reachable es una luz en la barra de herramientas del navegador que dice con verdad si las llamadas pueden llegar a quien lo usa, y que suena cuando llega una. Este es el servidor que hay detrás de la luz. En esta página no hay nada en lo que iniciar sesión.',
    address: 'Dirección del servidor',
    addressUse:
      '¿Le han pedido la dirección de su servidor? Es esta: cópiela y péguela en las opciones de Reachable como dirección del servidor («Server address»).',
    askForAddress: '¿Le han pedido la dirección de su servidor? Pídasela a quien administra este servidor.',
    copy: 'Copiar',
    copied: 'Copiada',
    byHand:
      'Este navegador no deja copiar a las páginas. La dirección está seleccionada: cópiela con Ctrl+C, en un Mac con ⌘C.',
    stepsTitle: 'Para estar disponible',
    steps: [
      'Añada la extensión Reachable a su navegador y fije su icono en la barra de herramientas.',
      'Ábrala. Si todavía no conoce este servidor, escriba la dirección del servidor.',
      'Inicie sesión con el nombre de usuario y la contraseña que le han dado.',
      'Un disco verde significa que se acaba de comprobar que una llamada llega hasta usted.',
    ],
  },
  notFound: {
    title: 'Aquí no hay nada',
    text: 'Puede que la dirección esté mal escrita o que la sala sea de una llamada que nadie contestó.',
  },
  room: {
    of: (from, to) => `${from} y ${to}`,
    title: 'Llamada contestada',
    from: 'Llama',
    to: 'Contesta',
    at: 'Contestada a las',
  },
  signInStopped: {
    why: {
      'no-start': {
        title: 'Así no se inicia sesión',
        text: 'La dirección a la que se ha enviado este navegador no es de las que usa Reachable. No se ha hecho nada.',
      },
      unknown: {
        title: 'Este inicio de sesión ha terminado',
        text: 'Ya se había completado, tardó demasiado o se empezó en otro navegador. No se ha hecho nada.',
      },
    },
    advice:
      'Para iniciar sesión, abra Reachable en la barra de herramientas del navegador y empiece allí. Puede cerrar esta página.',
  },
  trouble: {
    strangeTitle: 'Este formulario no viene de aquí',
    strange: 'Por su seguridad no se ha aceptado. Abra la página de nuevo y rellénelo allí.',
    anew: 'Abrir la página de nuevo',
    tooLargeTitle: 'Esto es demasiado',
    tooLarge: 'Lo que ha escrito es más largo de lo que acepta este servidor. Vuelva atrás y acórtelo.',
    failedTitle: 'Algo ha fallado',
    failed: 'No se ha cambiado nada. Vuelva a intentarlo dentro de un momento.',
    busyTitle: 'Demasiados a la vez',
    busy: 'En este momento hay demasiada actividad. No se ha cambiado nada. Vuelva atrás e inténtelo de nuevo dentro de unos segundos.',
  },
}
