/** Signing up, logging in, and the way back for who forgot the password. */
export const entry = {
  email: "E-mail address",
  forgot: {
    title: "Forgot your password?",
    lead: "Tell us your address. If there is an account, a link to choose a new password is on its way in a moment.",
    button: "Mail me a link",
    back: "Back to logging in",
  },
};
