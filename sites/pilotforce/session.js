// Who is signed in: tokens of the user pool, kept for this tab alone.

import { Proof } from "./srp.js";

const STORE = "pilotforce.session";
const EARLY_SECONDS = 60;
const CHALLENGES = ["NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA"];

export class SignInError extends Error {}

export class Session {
  #config;
  #tokens = JSON.parse(sessionStorage.getItem(STORE) ?? "null");
  #refreshing = null;

  constructor(config) {
    this.#config = config;
  }

  get signedIn() {
    return this.#tokens !== null;
  }

  // Id, e-mail address and groups, as the token says: what the page shows. The API decides by itself.
  get user() {
    const { sub, email, "cognito:groups": groups } = claims(this.#tokens.access);
    return { id: sub, email: email ?? "", groups: groups ?? [] };
  }

  // Signs in with a password, which stays here. Returns the challenge that is to be answered first, if any.
  async signIn(email, password) {
    const proof = new Proof();
    const opened = await this.#call("InitiateAuth", {
      AuthFlow: "USER_SRP_AUTH",
      ClientId: this.#config.userPoolClientId,
      AuthParameters: { USERNAME: email, SRP_A: proof.opening },
    });
    const answer = await proof.answer(opened.ChallengeParameters, this.#config.userPoolId, password);
    return this.#next(await this.#respond(opened.ChallengeName, opened.Session, answer), answer.USERNAME);
  }

  // Answers a challenge: a new password, or the code of an authenticator app.
  async answer(challenge, text) {
    const field = challenge.name === "SOFTWARE_TOKEN_MFA" ? "SOFTWARE_TOKEN_MFA_CODE" : "NEW_PASSWORD";
    const responses = { USERNAME: challenge.username, [field]: text };
    return this.#next(await this.#respond(challenge.name, challenge.session, responses), challenge.username);
  }

  // An access token that is good for a while; refreshed once, however many ask.
  async token() {
    if (claims(this.#tokens.access).exp - EARLY_SECONDS < Date.now() / 1000) {
      this.#refreshing ??= this.#refresh().finally(() => {
        this.#refreshing = null;
      });
      await this.#refreshing;
    }
    return this.#tokens.access;
  }

  // Forgets the tokens here, and has the pool forget the one that makes new ones.
  async signOut() {
    const token = this.#tokens?.refresh;
    this.#keep(null);
    if (token) {
      await this.#call("RevokeToken", { ClientId: this.#config.userPoolClientId, Token: token });
    }
  }

  async #refresh() {
    try {
      const answer = await this.#call("InitiateAuth", {
        AuthFlow: "REFRESH_TOKEN_AUTH",
        ClientId: this.#config.userPoolClientId,
        AuthParameters: { REFRESH_TOKEN: this.#tokens.refresh },
      });
      this.#keep({ ...this.#tokens, access: answer.AuthenticationResult.AccessToken });
    } catch (error) {
      this.#keep(null);
      throw error;
    }
  }

  #respond(name, session, responses) {
    return this.#call("RespondToAuthChallenge", {
      ChallengeName: name,
      ClientId: this.#config.userPoolClientId,
      Session: session,
      ChallengeResponses: responses,
    });
  }

  #next(answer, username) {
    const found = answer.AuthenticationResult;
    if (found) {
      this.#keep({ access: found.AccessToken, refresh: found.RefreshToken });
      return null;
    }
    if (!CHALLENGES.includes(answer.ChallengeName)) {
      throw new SignInError(`This page can't do what your account asks for: ${answer.ChallengeName}.`);
    }
    return { name: answer.ChallengeName, session: answer.Session, username };
  }

  #keep(tokens) {
    this.#tokens = tokens;
    if (tokens) {
      sessionStorage.setItem(STORE, JSON.stringify(tokens));
    } else {
      sessionStorage.removeItem(STORE);
    }
  }

  async #call(action, body) {
    const answer = await fetch(this.#config.cognitoUrl, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `AWSCognitoIdentityProviderService.${action}`,
      },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    const found = text ? JSON.parse(text) : {};
    if (!answer.ok) {
      throw new SignInError(found.message ?? found.Message ?? "The sign-in failed.");
    }
    return found;
  }
}

function claims(token) {
  const part = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(part), (letter) => letter.charCodeAt(0))));
}
