/**
 * Run `lead` in one tab of this browser at a time. Resolves when it has ended in this tab.
 *
 * While another tab leads, this one calls `follow` once and waits for its turn to lead.
 */
export async function leadOrFollow(name, lead, follow) {
  const { locks } = navigator;
  // Without https there are no locks. Then each tab leads: that makes more requests, but nothing goes wrong.
  if (!locks) {
    await lead();
    return;
  }
  const hasLed = await locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock) await lead();
    return lock !== null;
  });
  if (hasLed) return;
  await follow();
  await locks.request(name, lead);
}
