export const common = {
  product: "Todo",
  skip: "To the content",
  language: "Language",
  wait: "One moment…",
  unreachable: "The service cannot be reached. Nothing was changed; please try again.",
  failed: "That did not work on our side. Nothing was changed; please try again.",
  tooMany: (seconds: number) =>
    seconds < 90
      ? `Too many tries. Try again in ${seconds} seconds.`
      : `Too many tries. Try again in ${Math.ceil(seconds / 60)} minutes.`,
  showPassword: "Show the password",
  hidePassword: "Hide the password",
};
