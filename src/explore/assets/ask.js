// @ts-check
// Questions to the program. Of each kind one is under way at a time; of those asked meanwhile only the
// newest is kept, so that the page never lags behind the hand.

/**
 * @param {string} view
 * @param {unknown} question
 * @returns {Promise<Response>}
 */
export async function post(view, question) {
  const response = await fetch(`api/${view}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(question),
  });
  if (response.ok) return response;
  const text = await response.text();
  let message = text;
  try { message = JSON.parse(text).error.message; } catch { /* plain text as it is */ }
  throw new Error(message);
}

export class Channel {
  /**
   * @param {string} view
   * @param {(answer: any, question: any) => void} show
   * @param {(message: string) => void} fail
   */
  constructor(view, show, fail) {
    this.view = view;
    this.show = show;
    this.fail = fail;
    this.busy = false;
    /** @type {unknown} */
    this.next = undefined;
  }

  /** @param {unknown} question */
  async ask(question) {
    this.next = question;
    if (this.busy) return;
    this.busy = true;
    while (this.next !== undefined) {
      const now = this.next;
      this.next = undefined;
      try {
        const response = await post(this.view, now);
        this.show(await response.json(), now);
      } catch (error) {
        this.fail(error instanceof Error ? error.message : String(error));
      }
    }
    this.busy = false;
  }
}
