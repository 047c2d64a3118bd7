/*
Copyright: Contributors to the homelab.media project
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
*/

"use strict";

// Which stage is shown follows from the session's state, as the API tells it; where to go, from rd in the address.
const asked = new URLSearchParams(window.location.search);
const target = asked.get("rd") || "";
const targetMethod = asked.get("rm") || "";
const element = (id) => document.getElementById(id);

async function call(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "same-origin",
  });
  let said = {};
  try {
    said = await answer.json();
  } catch {
    said = { status: "KO", message: `The portal answered ${answer.status}.` };
  }
  return said;
}

function say(text) {
  element("message").textContent = text;
}

function show(stage, title) {
  for (const other of document.querySelectorAll("main > form, main > section")) {
    other.hidden = other.id !== stage;
  }
  element("title").textContent = title;
  document.title = title;
  const first = element(stage).querySelector("input:not([type=checkbox])");
  if (first) {
    first.focus();
  }
}

function onSubmit(form, action) {
  element(form).addEventListener("submit", async (event) => {
    event.preventDefault();
    say("");
    await action();
  });
}

async function arrived(said) {
  if (said.status !== "OK") {
    say(said.message);
    return;
  }
  if (said.data && said.data.redirect) {
    window.location.assign(said.data.redirect);
    return;
  }
  await begin();
}

async function signOut() {
  await call("POST", "/api/logout", { targetURL: target });
  window.location.assign("/");
}

async function settings() {
  const info = await call("POST", "/api/user/info");
  element("settings-state").textContent = info.data.has_totp
    ? "You have a one-time password. A new one replaces it."
    : "You have no one-time password yet.";
  element("one-time-password-add").hidden = false;
  show("settings-stage", "Two factors");
}

async function addTotp() {
  say("");
  element("one-time-password-add").hidden = true;
  const state = await call("GET", "/api/user/session/elevation");
  if (state.data.elevated || state.data.skip_second_factor) {
    await beginTotp();
    return;
  }
  const sent = await call("POST", "/api/user/session/elevation");
  if (sent.status !== "OK") {
    say(sent.message);
    return;
  }
  element("identity-form").hidden = false;
  element("one-time-code").focus();
}

async function beginTotp() {
  const options = (await call("GET", "/api/secondfactor/totp/register")).data;
  const made = await call("PUT", "/api/secondfactor/totp/register", {
    algorithm: options.algorithm,
    length: options.length,
    period: options.period,
  });
  if (made.status !== "OK") {
    say(made.message);
    return;
  }
  element("identity-form").hidden = true;
  element("otpauth-url").textContent = made.data.otpauth_url;
  element("register-form").hidden = false;
  element("register-token").focus();
}

onSubmit("first-factor-stage", async () => {
  const said = await call("POST", "/api/firstfactor", {
    username: element("username-textfield").value,
    password: element("password-textfield").value,
    keepMeLoggedIn: element("remember-checkbox").checked,
    targetURL: target,
    requestMethod: targetMethod,
  });
  element("password-textfield").value = "";
  await arrived(said);
});

onSubmit("second-factor-stage", async () => {
  const token = element("otp-input").value.trim();
  element("otp-input").value = "";
  await arrived(await call("POST", "/api/secondfactor/totp", { token, targetURL: target }));
});

onSubmit("identity-form", async () => {
  const said = await call("PUT", "/api/user/session/elevation", { otc: element("one-time-code").value });
  if (said.status !== "OK") {
    say(said.message);
    return;
  }
  await beginTotp();
});

onSubmit("register-form", async () => {
  const said = await call("POST", "/api/secondfactor/totp/register", { token: element("register-token").value.trim() });
  if (said.status !== "OK") {
    say(said.message);
    return;
  }
  window.location.assign("/");
});

element("one-time-password-add").addEventListener("click", addTotp);

async function begin() {
  if (window.location.pathname === "/logout") {
    await signOut();
    return;
  }
  const said = await call("GET", "/api/state");
  if (said.status !== "OK") {
    say(said.message);
    return;
  }
  const state = said.data;
  for (const who of document.querySelectorAll(".who")) {
    who.textContent = state.username;
  }
  if (state.authentication_level === 0) {
    show("first-factor-stage", "Sign in");
    return;
  }
  if (window.location.pathname.startsWith("/settings")) {
    await settings();
    return;
  }
  const configuration = await call("GET", "/api/configuration");
  if (state.authentication_level === 1 && configuration.data.available_methods.length > 0) {
    show("second-factor-stage", "Two factors");
    return;
  }
  if (target) {
    const safe = await call("POST", "/api/checks/safe-redirection", { uri: target });
    if (safe.status === "OK" && safe.data.ok) {
      window.location.assign(target);
      return;
    }
  }
  show("authenticated-stage", "Signed in");
}

begin();
