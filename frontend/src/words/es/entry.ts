import type { Words } from "../en/index.ts";

export const entry: Words["entry"] = {
  email: "Dirección de correo",
  password: "Contraseña",
  newPassword: "Contraseña nueva",
  passwordHint: "Larga es segura: unas cuantas palabras bastan. Vale cualquier carácter.",
  passwordGood: "Nada en contra de esta.",
  rules: {
    short: (characters) => `Al menos ${characters} caracteres, por favor.`,
    named: "Ni tu dirección ni el nombre de este servicio, por favor, aunque lleven algo alrededor.",
    common: "Es una de las contraseñas más comunes. Esas se prueban primero.",
    leaked: "Esta contraseña se conoce por una filtración. Esas se prueban primero.",
    long: (bytes) => `Es demasiado larga: ${bytes} bytes como mucho.`,
    email: "Esto no es una dirección de correo.",
  },
  signUp: {
    title: "Crea una cuenta",
    name: "Tu nombre (opcional)",
    button: "Crear la cuenta",
    known: "¿Ya tienes cuenta?",
    logIn: "Inicia sesión",
  },
  logIn: {
    title: "Inicia sesión",
    button: "Iniciar sesión",
    wrong: "La dirección y la contraseña no van juntas. Revisa las dos, o",
    choose: "elige una contraseña nueva",
    unverified:
      "Antes hay que verificar tu dirección, con el enlace del correo que llegó al crear la cuenta.",
    resend: "Enviar ese correo otra vez",
    forgot: "¿Olvidaste tu contraseña?",
    stranger: "¿Aún no tienes cuenta?",
    signUp: "Crea una cuenta",
  },
  inbox: {
    title: "Mira tu correo",
    lead: "Si hay una cuenta con tu dirección, un correo va de camino. Su enlace te lleva adelante.",
    spam: "¿Nada tras uno o dos minutos? Mira también en la carpeta de spam.",
    life: "El correo dice cuánto vale el enlace. Para elegir otra contraseña sueles tener una hora.",
    button: "Enviar otra vez",
    again: "Si hay una cuenta con esa dirección, otro correo va de camino.",
    back: "Ir a iniciar sesión",
  },
  forgot: {
    title: "¿Olvidaste tu contraseña?",
    lead: "Dinos tu dirección. Si hay una cuenta, enseguida te llegará un enlace para elegir una contraseña nueva.",
    button: "Enviarme un enlace",
    back: "Volver a iniciar sesión",
  },
  reset: {
    title: "Elige una contraseña nueva",
    once: "Tu enlace vale una vez.",
    left: (seconds) =>
      seconds > 90
        ? `Tu enlace vale ${Math.round(seconds / 60)} minutos más.`
        : `Tu enlace vale ${seconds} ${seconds === 1 ? "segundo" : "segundos"} más.`,
    button: "Guardar la contraseña",
    dead: "Este enlace ya no vale: se usó, ha caducado o te enviamos uno más nuevo.",
    another: "Enviarme otro enlace",
    done: "Tu contraseña nueva ya vale. Hemos cerrado tu sesión en todas partes.",
    logIn: "Iniciar sesión con ella",
  },
};
