/** Light or dark as the system has it; the tokens hang on `data-theme`. */
export function followSystemTheme(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const contrast = matchMedia('(prefers-contrast: more)')
  const apply = () => {
    document.documentElement.dataset['theme'] = contrast.matches ? 'contrast' : dark.matches ? 'dark' : 'light'
  }
  apply()
  dark.addEventListener('change', apply)
  contrast.addEventListener('change', apply)
}
