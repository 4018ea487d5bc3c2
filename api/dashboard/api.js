// Calls of the admin API as JSON over HTTP, and the token that came with the link.

const STORED_TOKEN = "bellhop-token";
const CALL_MILLISECONDS_MAX = 10_000;

/** Bellhop answered, and the answer is a refusal. */
export class ApiError extends Error {
  constructor(status, token, message) {
    super(message);
    this.status = status;
    /** The token it was asked with; null: none. */
    this.token = token;
  }
}

/** No answer of Bellhop's: it is gone, or something else answered. */
export class ConnectionError extends Error {}

/** The caller gave the call up. */
export class AbandonedError extends Error {}

/** Moves a token from the address bar into this tab's storage; whether there was one. */
export function adoptToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return false;
  sessionStorage.setItem(STORED_TOKEN, token);
  history.replaceState(null, "", location.pathname + location.search);
  return true;
}

/** Forgets this token; whether it was still the one in use. */
export function forgetToken(token) {
  if (sessionStorage.getItem(STORED_TOKEN) !== token) return false;
  sessionStorage.removeItem(STORED_TOKEN);
  return true;
}

function headers(token) {
  const result = { "Content-Type": "application/json", "X-Bellhop": "1" };
  if (token !== null) result.Authorization = `Bearer ${token}`;
  return result;
}

function refusal(status, token, answer) {
  const sentences = [answer.message || `refused with status ${status}`];
  for (const detail of answer.details ?? []) {
    for (const fault of detail.fieldViolations ?? []) {
      if (fault.description && !sentences[0].includes(fault.description)) {
        sentences.push(`${fault.field}: ${fault.description}`);
      }
    }
  }
  return new ApiError(status, token, sentences.join("; "));
}

async function answerOf(response) {
  try {
    return await response.json();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ConnectionError(`an answer that is not Bellhop's (status ${response.status})`);
  }
}

/**
 * Calls `method` ("NodeService/GetNode"). Throws ApiError, ConnectionError, or AbandonedError
 * after `signal`. Fields with their default value may be absent from the answer.
 */
export async function call(method, request = {}, signal = null) {
  const limit = new AbortController();
  const abandon = () => limit.abort();
  signal?.addEventListener("abort", abandon);
  const timer = setTimeout(abandon, CALL_MILLISECONDS_MAX);
  const token = sessionStorage.getItem(STORED_TOKEN);
  try {
    const response = await fetch(`api/v1/${method}`, {
      method: "POST",
      headers: headers(token),
      body: JSON.stringify(request),
      cache: "no-store",
      credentials: "same-origin",
      signal: limit.signal,
    });
    const answer = await answerOf(response);
    if (!response.ok) throw refusal(response.status, token, answer);
    return answer;
  } catch (error) {
    if (signal?.aborted) throw new AbandonedError();
    if (error instanceof ApiError || error instanceof ConnectionError) throw error;
    throw new ConnectionError(limit.signal.aborted ? "no answer in time" : "not reachable");
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abandon);
  }
}
