/** Colours of maps in files, as CSS texts that every drawing code reads: those of the page without its variables. */
export interface MapColours {
  readonly paper: string
  readonly floor: string
  readonly block: string
  readonly text: string
  readonly muted: string
  readonly start: string
  readonly goal: string
  readonly trap: string
  readonly consolation: string
}

/** For the light page, or the dark one. */
export const mapColours = (dark: boolean): MapColours =>
  dark
    ? {
        ...{ paper: '#18181b', floor: '#1f1f23', block: '#3f3f46', text: '#e4e4e7', muted: '#9f9fa9' },
        ...{ start: '#9f9fa9', goal: '#4ade80', trap: '#f87171', consolation: '#fbbf24' }
      }
    : {
        ...{ paper: '#ffffff', floor: '#f4f4f5', block: '#d4d4d8', text: '#3f3f46', muted: '#71717a' },
        ...{ start: '#71717a', goal: '#15803d', trap: '#dc2626', consolation: '#b45309' }
      }
