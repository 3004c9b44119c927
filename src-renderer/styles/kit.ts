const xs = { defaultVariants: { size: 'xs' as const } }

/** Sizes and colours of the user interface kit, once for the whole page. */
export const kit = {
  colors: { primary: 'blue', neutral: 'zinc' },
  input: xs,
  inputNumber: xs,
  textarea: xs,
  select: xs,
  selectMenu: xs,
  slider: xs,
  switch: xs,
  button: xs,
  tree: xs,
  checkbox: xs,
  progress: xs,
  formField: { ...xs, slots: { help: 'mt-0.5 text-[11px] text-muted' } },
  tabs: { defaultVariants: { size: 'xs' as const, variant: 'link' as const } },
  badge: { defaultVariants: { size: 'sm' as const, variant: 'subtle' as const, color: 'neutral' as const } }
}
