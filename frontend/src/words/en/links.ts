/** What the links in our mails lead to. */
export const links = {
  dead: "This link does not work any more: it was used, has expired, or a newer one was sent.",
  missing: "Here is no link to go by. Open it from the mail once more, and copy all of it if you copy it.",
  /** For who has no script. */
  tokenless:
    "Without JavaScript, this page cannot read your link: what matters in it stands behind a “#”, or was not copied. Allow JavaScript here, or open the link in another browser.",
  logIn: "Log in",
  home: "To your todos",
  withoutScript: {
    title: "Not without JavaScript",
    lead: "Your todos and your account cannot be shown without JavaScript. Allow it for this page, or:",
    terminal: "use them in a terminal, with “todo login” and “todo list”;",
    programs: "use another program that speaks to this service, as described at",
    logOut: "Log out",
  },
  verify: {
    title: "Verify your address",
    lead: "One press, and your account is ready.",
    button: "Yes, this is my address",
    done: "Your address is verified. You can log in now.",
    more: "The link does not work?",
    another: "Mail me a new link",
  },
  confirm: {
    title: "Confirm your new address",
    lead: "One press, and your account has this address.",
    button: "Yes, this is my new address",
    done: "Your account has its new address. The old one was told, and can take the change back.",
    next: "You can ask for the change again in your account.",
    account: "To your account",
  },
  undoChange: {
    title: "Take the change back",
    lead: "One press, and your account has its old address again. Everybody is logged out, and the password counts no longer.",
    button: "Give me my old address back",
    done: "Your account has its old address again. A link to choose a new password is on its way there.",
    inbox: "No mail yet?",
    next: "If you have taken the change back already, there is mail for you at your old address.",
  },
  undoDeletion: {
    title: "Keep your account",
    lead: "One press, and your account stays, with everything in it.",
    button: "Keep my account",
    done: "Your account stays. You can log in now.",
    next: "As long as your account is not erased, you can also log in and keep it there.",
  },
};
