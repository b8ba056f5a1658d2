/** Whether a window can be shown here; only on Linux does that depend on the environment. */
export const hasScreen = () =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
