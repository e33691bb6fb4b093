// The page behind a mailed link. The token leaves the address bar at once and is sent only in a POST body.
const place = new URLSearchParams(location.hash.slice(1) || location.search);
const token = place.get("token") ?? "";
history.replaceState(null, "", location.pathname);
// Another link pasted into this tab differs behind # only, and would not load anything by itself.
addEventListener("hashchange", () => location.reload());

const status = document.getElementById("status");
const reset = document.getElementById("reset");
const redeem = document.getElementById("redeem");
const again = document.getElementById("again");
const base = reset ? "/api/v1/auth/password-reset" : "/api/v1/auth/verify-email";

async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return { ok: answer.ok, status: answer.status, body: answer.status === 204 ? null : await answer.json().catch(() => null) };
  } catch {
    return { ok: false, status: 0, body: null };
  }
}

function say(text, isError = false) {
  status.textContent = text;
  status.classList.toggle("error", isError);
}

function sentence({ status, body }) {
  if (status === 0) return "The service cannot be reached. Nothing was changed; please try again.";
  if (body?.errors?.length) return body.errors.map((error) => error.detail).join(" ");
  return `${body?.title ?? "That did not work"}. ${status >= 500 ? "Nothing was changed; please try again." : ""}`;
}

function offerAnother() {
  say("This link does not work any more: it was used, has expired, or a newer one was sent.", true);
  if (again) again.hidden = false;
}

function onSubmit(form, action) {
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    await action(new FormData(form));
    button.disabled = false;
  });
}

onSubmit(reset, async (fields) => {
  const answer = await post(`${base}/confirm`, { token, new_password: fields.get("new_password") });
  if (answer.ok) {
    reset.remove();
    say("Your new password counts from now on. You have been logged out everywhere; log in with it.");
  } else if (answer.status === 400) {
    reset.remove();
    offerAnother();
  } else {
    say(sentence(answer), true);
  }
});

onSubmit(redeem, async () => {
  const answer = await post(redeem.dataset.path, { token });
  if (answer.ok) {
    redeem.remove();
    say(redeem.dataset.done);
  } else if (answer.status === 400) {
    redeem.remove();
    offerAnother();
  } else {
    say(sentence(answer), true);
  }
});

onSubmit(again, async (fields) => {
  const answer = await post(reset ? base : `${base}/resend`, { email: fields.get("email") });
  if (answer.ok) {
    again.remove();
    say("If there is an account for that address, a new link is on its way.");
  } else {
    say(sentence(answer), true);
  }
});

if (!token) {
  offerAnother();
} else if (redeem) {
  redeem.hidden = false;
} else {
  checkLink();
}

async function checkLink() {
  const answer = await post(`${base}/check`, { token });
  if (answer.ok) {
    const minutes = Math.max(1, Math.round((new Date(answer.body.expires_at) - Date.now()) / 60000));
    say(`Your link works for another ${minutes} ${minutes === 1 ? "minute" : "minutes"}.`);
    reset.hidden = false;
    document.getElementById("new_password").focus();
  } else if (answer.status === 400) {
    offerAnother();
  } else {
    say(sentence(answer), true);
  }
}
