import { onBeforeUnmount, onMounted } from 'vue'
import { pageKeys, pages } from './route.ts'
import { capitalised } from './sentence.ts'

export interface Shortcut {
  /** Keys as they are shown, pressed together or, with `then`, one after the other. */
  readonly keys: readonly string[]
  readonly then?: boolean
  readonly text: string
}

export interface ShortcutGroup {
  readonly title: string
  readonly shortcuts: readonly Shortcut[]
}

/** Every key of the app, for the help overlay and the settings page. */
export const shortcutGroups: readonly ShortcutGroup[] = [
  {
    title: 'Everywhere',
    shortcuts: [
      { keys: ['Ctrl', 'K'], text: 'Find a page, run, dataset or action' },
      { keys: ['?'], text: 'Show the keys' },
      ...pages.map(page => ({
        keys: ['g', pageKeys[page]],
        then: true,
        text: `Go to ${capitalised(page)}`
      })),
      { keys: ['/'], text: 'Filter the list on this page' },
      { keys: ['Esc'], text: 'Close, or go back' }
    ]
  },
  {
    title: 'Tables',
    shortcuts: [
      { keys: ['↑', '↓'], text: 'Previous or next row' },
      { keys: ['Home', 'End'], text: 'First or last row' },
      { keys: ['Space'], text: 'Select the row' },
      { keys: ['Shift', 'Space'], text: 'Select from the last selected row to this one' },
      { keys: ['Ctrl', 'A'], text: 'Select all rows' },
      { keys: ['Enter'], text: 'Open the row' },
      { keys: ['←', '→'], text: 'In the head: previous or next column' },
      { keys: ['Shift', '←'], text: 'In the head: narrower; with → wider' }
    ]
  },
  {
    title: 'Charts',
    shortcuts: [
      { keys: ['←', '→'], text: 'Cursor to the previous or next point' },
      { keys: ['Enter'], text: 'Of an evaluation: rollouts at the cursor' }
    ]
  },
  {
    title: 'Replay',
    shortcuts: [
      { keys: ['Space'], text: 'Play or pause' },
      { keys: ['←', '→'], text: 'One step back or on' },
      { keys: ['Shift', '←'], text: 'Ten steps back; with → on' },
      { keys: ['Home', 'End'], text: 'First or last step' },
      { keys: [',', '.'], text: 'Slower or faster' },
      { keys: ['L'], text: 'Loop' },
      { keys: ['↑', '↓'], text: 'Previous or next episode' },
      { keys: ['X'], text: 'Clock: step, time, progress' },
      { keys: ['V'], text: 'Side by side or ghosts' },
      { keys: ['F'], text: 'Camera: all robots, or one after the other' },
      { keys: ['N'], text: 'Next place where two policies part' }
    ]
  }
]

/** True where a key is text for a control, not a command. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}

/** Listens to keys of the whole page while the component is there; keys typed into a field are left alone unless Ctrl is held. */
export function useKeys(handle: (event: KeyboardEvent) => void): void {
  const listen = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return
    if (isTyping(event.target) && !event.ctrlKey && !event.metaKey) return
    handle(event)
  }
  onMounted(() => window.addEventListener('keydown', listen))
  onBeforeUnmount(() => window.removeEventListener('keydown', listen))
}
