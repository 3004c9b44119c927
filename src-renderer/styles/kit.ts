const xs = { defaultVariants: { size: 'xs' as const } }

/** Sizes and colours of the user interface kit, once for the whole page: one dense scale, zinc with one blue. */
export const kit = {
  colors: { primary: 'blue', neutral: 'zinc' },
  input: xs,
  inputNumber: xs,
  textarea: xs,
  select: xs,
  selectMenu: xs,
  slider: xs,
  switch: xs,
  button: {
    ...xs,
    // The kit fades a button under the pointer, and its words with it.
    compoundVariants: [
      {
        color: 'primary' as const,
        variant: 'solid' as const,
        class: 'hover:bg-(--primary-hover) active:bg-(--primary-hover)'
      }
    ]
  },
  tree: xs,
  checkbox: xs,
  progress: xs,
  commandPalette: xs,
  dropdownMenu: xs,
  kbd: { defaultVariants: { size: 'sm' as const } },
  formField: {
    ...xs,
    slots: { help: 'mt-0.5 text-[11px] text-muted', error: 'mt-0.5 text-[11px] text-error' }
  },
  tabs: { defaultVariants: { size: 'xs' as const, variant: 'link' as const } },
  badge: { defaultVariants: { size: 'sm' as const, variant: 'subtle' as const, color: 'neutral' as const } },
  modal: {
    slots: {
      title: 'text-sm text-highlighted font-semibold',
      description: 'mt-1 text-muted text-xs',
      body: 'text-xs',
      footer: 'justify-end'
    }
  },
  toast: {
    slots: {
      root: 'p-3 gap-2',
      title: 'text-xs font-medium text-highlighted',
      description: 'text-xs text-muted break-words',
      icon: 'shrink-0 size-4'
    }
  }
}
