import type { Words } from "../en/index.ts";

export const entry: Words["entry"] = {
  email: "Dirección de correo",
  forgot: {
    title: "¿Olvidaste tu contraseña?",
    lead: "Dinos tu dirección. Si hay una cuenta, enseguida te llegará un enlace para elegir una contraseña nueva.",
    button: "Enviarme un enlace",
    back: "Volver a iniciar sesión",
  },
};
