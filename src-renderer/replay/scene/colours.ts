/** Colours of a picture, as CSS texts that every drawing code reads. */
export interface SceneColours {
  readonly sky: string
  readonly ground: string
  readonly line: string
  readonly wall: string
  readonly goal: string
  readonly text: string
}

/** For pages and files; a picture looks the same wherever it is drawn. */
export const sceneColours = (dark: boolean): SceneColours =>
  dark
    ? {
        sky: '#171a21',
        ground: '#20242d',
        line: '#39404d',
        wall: '#4b5463',
        goal: '#34d399',
        text: '#c9d1dc'
      }
    : {
        sky: '#f4f6fa',
        ground: '#e6eaf1',
        line: '#c9d0db',
        wall: '#aab4c3',
        goal: '#059669',
        text: '#39414e'
      }
