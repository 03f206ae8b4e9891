// The words of scripts stand in locales/ like those of pages: build/scripts.rs puts them in place of each "ftl:…".

/** A message with its variables filled in. */
export function fill(message, values) {
  return message.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** A message about a number, in the form that its language has for it. */
export function fillCount(forms, number) {
  const form = forms[new Intl.PluralRules(forms.language).select(number)] ?? forms.other;
  return fill(form, { count: number.toLocaleString(forms.language) });
}
