/** The app's mark and its name, as the server's pages begin with them too. */
export const Brand = () => (
  <p class="mark">
    <img src="/icons/app-48.png" width={22} height={22} alt="" />
    Reachable
  </p>
)
