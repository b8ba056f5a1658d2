/** Holds the popup's place while the worker reads what it kept. Says nothing, claims nothing. */
export const Skeleton = () => (
  <div class="skeleton" aria-busy="true">
    <h1 class="for-readers">Reachable is starting</h1>
  </div>
)
