import type { Words } from "../en/index.ts";

export const links: Words["links"] = {
  dead: "Este enlace ya no funciona: se ha usado, ha caducado o se ha enviado otro más nuevo.",
  missing: "Aquí falta el enlace. Ábrelo otra vez desde el correo y, si lo copias, cópialo entero.",
  tokenless:
    "Sin JavaScript esta página no puede leer tu enlace: lo importante está detrás de un «#» o no se ha copiado. Permite JavaScript aquí o abre el enlace en otro navegador.",
  logIn: "Iniciar sesión",
  home: "A tus tareas",
  withoutScript: {
    title: "No sin JavaScript",
    lead: "Sin JavaScript no se pueden mostrar tus tareas ni tu cuenta. Permítelo para esta página, o:",
    terminal: "úsalas en un terminal, con «todo login» y «todo list»;",
    programs: "usa otro programa que hable con este servicio, como se describe en",
    logOut: "Cerrar sesión",
  },
  verify: {
    title: "Verifica tu dirección",
    lead: "Un clic y tu cuenta está lista.",
    button: "Sí, es mi dirección",
    done: "Tu dirección está verificada. Ya puedes iniciar sesión.",
    more: "¿No funciona el enlace?",
    another: "Enviarme otro enlace",
  },
  confirm: {
    title: "Confirma tu dirección nueva",
    lead: "Un clic y tu cuenta tiene esta dirección.",
    button: "Sí, es mi dirección nueva",
    done: "Tu cuenta tiene su dirección nueva. Hemos avisado a la antigua, que puede deshacer el cambio.",
    next: "Puedes pedir el cambio otra vez en tu cuenta.",
    account: "A tu cuenta",
  },
  undoChange: {
    title: "Deshacer el cambio",
    lead: "Un clic y tu cuenta vuelve a tener su dirección antigua. Se cierran todas las sesiones y la contraseña deja de valer.",
    button: "Devuélveme mi dirección antigua",
    done: "Tu cuenta vuelve a tener su dirección antigua. Allí te llegará un enlace para elegir una contraseña nueva.",
    inbox: "¿No llega el correo?",
    next: "Si ya has deshecho el cambio, tienes un correo en tu dirección antigua.",
  },
  undoDeletion: {
    title: "Conserva tu cuenta",
    lead: "Un clic y tu cuenta se queda, con todo lo que contiene.",
    button: "Conservar mi cuenta",
    done: "Tu cuenta se queda. Ya puedes iniciar sesión.",
    next: "Mientras tu cuenta no se borre, también puedes iniciar sesión y conservarla allí.",
  },
};
