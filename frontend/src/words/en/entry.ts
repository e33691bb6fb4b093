/** Signing up, logging in, and the way back for who forgot the password. */
export const entry = {
  email: "E-mail address",
  password: "Password",
  newPassword: "New password",
  passwordHint: "Long is strong: a few words make a good one. Any characters will do.",
  passwordGood: "Nothing speaks against this one.",
  /** What the service refuses, in our words; it says so in English. */
  rules: {
    short: (characters: number) => `At least ${characters} characters, please.`,
    named: "Please not your address or the name of this service, whatever is put around it.",
    common: "This is one of the most common passwords. Those are tried first.",
    leaked: "This password is known from a data leak. Those are tried first.",
    long: (bytes: number) => `That is too long: ${bytes} bytes at most.`,
    email: "This is not an e-mail address.",
  },
  signUp: {
    title: "Create an account",
    name: "Your name (optional)",
    button: "Sign up",
    known: "You have an account?",
    logIn: "Log in",
  },
  logIn: {
    title: "Log in",
    button: "Log in",
    wrong: "Address and password do not belong together. Look at both again, or",
    choose: "choose a new password",
    unverified:
      "Your address has to be verified first, by the link in the mail that came when you signed up.",
    resend: "Send that mail again",
    forgot: "Forgot your password?",
    stranger: "No account yet?",
    signUp: "Sign up",
  },
  inbox: {
    title: "Look into your inbox",
    lead: "If there is an account for your address, a mail is on its way. Its link takes you on.",
    spam: "Nothing there after a minute or two? Look into the spam folder, too.",
    life: "The mail says how long the link works. To choose a new password you usually have an hour.",
    button: "Send it again",
    again: "If there is an account for that address, another mail is on its way.",
    back: "To logging in",
  },
  forgot: {
    title: "Forgot your password?",
    lead: "Tell us your address. If there is an account, a link to choose a new password is on its way in a moment.",
    button: "Mail me a link",
    back: "Back to logging in",
  },
  reset: {
    title: "Choose a new password",
    once: "Your link works once.",
    left: (seconds: number) =>
      seconds > 90
        ? `Your link works for ${Math.round(seconds / 60)} more minutes.`
        : `Your link works for ${seconds} more ${seconds === 1 ? "second" : "seconds"}.`,
    button: "Set the password",
    dead: "This link does not work any more: it was used, has expired, or a newer one was sent.",
    another: "Mail me a new link",
    done: "Your new password counts from now on. You have been logged out everywhere.",
    logIn: "Log in with it",
  },
};
