import type { Words } from "../en/index.ts";

export const common: Words["common"] = {
  product: "Todo",
  skip: "Ir al contenido",
  language: "Idioma",
  wait: "Un momento…",
  unreachable: "No se puede contactar con el servicio. No se ha cambiado nada; inténtalo de nuevo.",
  failed: "Algo ha fallado por nuestra parte. No se ha cambiado nada; inténtalo de nuevo.",
  tooMany: (seconds) =>
    seconds < 90
      ? `Demasiados intentos. Inténtalo de nuevo en ${seconds} segundos.`
      : `Demasiados intentos. Inténtalo de nuevo en ${Math.ceil(seconds / 60)} minutos.`,
  showPassword: "Mostrar la contraseña",
  hidePassword: "Ocultar la contraseña",
};
