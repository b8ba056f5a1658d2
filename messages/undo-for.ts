/** What was marked as seen stays in the list of whoever opens it within so many ms, and can be brought back there. */
export const undoFor = 600_000
