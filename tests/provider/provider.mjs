// A real OpenID provider (npm oidc-provider) on this machine alone, for the tests of signing in with an account
// elsewhere. It reads one JSON object from standard input and says where it is in one line of JSON:
//
//   {"client": {"id": "…", "secret": "…", "redirect": "http://…"}, "people": {"nell": {"email": "…", …}},
//    "pkce": true, "alg": "RS256"}
//
// `people` are the claims of whoever signs in there by that name, in a form without scripts. Ended by its parent.
import { createServer } from "node:http";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { text } from "node:stream/consumers";

import { Provider } from "oidc-provider";

const given = JSON.parse(await text(process.stdin));
const algorithm = given.alg ?? "RS256";
const people = new Map(Object.entries(given.people));
const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://localhost:${server.address().port}`;

function signingKey() {
  const pair = { RS256: ["rsa", { modulusLength: 2048 }], PS256: ["rsa", { modulusLength: 2048 }], ES256: ["ec", { namedCurve: "P-256" }], EdDSA: ["ed25519"] };
  const { privateKey } = generateKeyPairSync(...pair[algorithm]);
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: algorithm };
}

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: given.client.id,
      client_secret: given.client.secret,
      redirect_uris: [given.client.redirect],
      response_types: ["code"],
      grant_types: ["authorization_code"],
      id_token_signed_response_alg: algorithm,
    },
  ],
  jwks: { keys: [signingKey()] },
  cookies: { keys: [randomUUID()] },
  scopes: ["openid", "email", "profile"],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "preferred_username", "groups"] },
  conformIdTokenClaims: given.claimsInToken !== true,
  pkce: { required: () => given.pkce !== false },
  features: { devInteractions: { enabled: false }, userinfo: { enabled: true } },
  interactions: { url: (_context, interaction) => `/sign-in/${interaction.uid}` },
  findAccount: (_context, name) =>
    people.has(name) ? { accountId: name, claims: () => ({ sub: name, ...people.get(name) }) } : undefined,
});

const page = (body) => `<!doctype html><html lang="en"><title>Elsewhere</title><link rel="icon" href="data:,">${body}</html>`;

async function interact(request, response) {
  const interaction = await provider.interactionDetails(request, response);
  if (request.method !== "POST") {
    response.setHeader("Content-Type", "text/html");
    response.end(page(`<h1>Elsewhere</h1><form method="post"><label>Name <input name="name"></label>
<button name="answer" value="yes">Sign in</button> <button name="answer" value="no">Cancel</button></form>`));
    return;
  }
  const form = new URLSearchParams(await text(request));
  if (form.get("answer") !== "yes" || !people.has(form.get("name"))) {
    await provider.interactionFinished(request, response, { error: "access_denied", error_description: "no" });
    return;
  }
  const grant = new provider.Grant({ accountId: form.get("name"), clientId: interaction.params.client_id });
  grant.addOIDCScope("openid email profile");
  await provider.interactionFinished(request, response, {
    login: { accountId: form.get("name") },
    consent: { grantId: await grant.save() },
  });
}

const answer = provider.callback();
server.on("request", (request, response) => {
  if (!request.url.startsWith("/sign-in/")) return answer(request, response);
  return interact(request, response).catch((error) => {
    response.statusCode = 400;
    response.end(page(`<p>${error.name}</p>`));
  });
});
console.log(JSON.stringify({ issuer }));
