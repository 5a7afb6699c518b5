// Loaded before the first paint, so that a remembered theme never flashes. No attribute means: as the system does.
try {
  const theme = localStorage.getItem("fullkit.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.bsTheme = theme;
} catch {
  // Storage may be forbidden; the system's theme is a good answer.
}
