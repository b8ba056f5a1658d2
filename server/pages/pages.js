// Times are written as UTC, for whoever reads them without this script. With it they are those of the place, in the page's
// language and by its clock: of 12 or 24 hours, which in English is as the browser's own language has it.
const wanted = document.documentElement.lang
const spoken =
  navigator.languages.find((language) => language.split('-')[0] === wanted) ??
  (wanted === 'en' ? 'en-GB' : wanted)
const { hour12 } = new Intl.DateTimeFormat(wanted === 'en' ? navigator.language : spoken, {
  hour: 'numeric',
}).resolvedOptions()
const local = new Intl.DateTimeFormat(spoken, {
  dateStyle: 'medium',
  timeStyle: 'short',
  hourCycle: hour12 ? 'h12' : 'h23',
})
for (const time of document.querySelectorAll('time[datetime]'))
  time.textContent = local.format(new Date(time.dateTime))

// A device that could be rung when the page was made is on now for as long as that was proven for, and no longer: the
// page asks nobody again. Both clocks count from when the page was asked for, and whichever says more is believed.
const age = () => Math.max(performance.now(), Date.now() - performance.timeOrigin)
for (const proven of document.querySelectorAll('[data-proven-for]')) {
  const [now, then] = proven.children
  const look = () => {
    const left = Number(proven.dataset.provenFor) - age()
    now.hidden = left <= 0
    then.hidden = left > 0
    if (left > 0) setTimeout(look, Math.min(left, 1_000))
  }
  look()
}

// A page may copy over https and on this machine alone; elsewhere the older way may work, or the person's own keys.
async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent)
    return true
  } catch {
    getSelection().selectAllChildren(element)
    return document.execCommand('copy')
  }
}

for (const button of document.querySelectorAll('button[data-copies]')) {
  const { copies, copied, byHand } = button.dataset
  const status = button.closest('p').nextElementSibling
  button.hidden = false
  button.addEventListener('click', async () => {
    const done = await copy(document.getElementById(copies))
    // Emptied first: the same words again would not be read out again.
    status.textContent = ''
    requestAnimationFrame(() => {
      status.textContent = done ? copied : byHand
    })
  })
}

// The list of what a password needs follows the typing, and the password can be looked at. Without this
// script the server says the same after the form was sent.
for (const needs of document.querySelectorAll('.needs')) {
  const input = document.getElementById(needs.dataset.for)
  const again = document.getElementById(needs.dataset.again)
  const items = [...needs.querySelectorAll('[data-pattern]')]
  const all = [input, again]

  const look = () => {
    const typed = input.value.normalize('NFC')
    for (const item of items) {
      const state =
        typed === '' ? 'open' : new RegExp(item.dataset.pattern, 'u').test(typed) ? 'met' : 'lacking'
      if (item.dataset.state === state) continue
      item.dataset.state = state
      item.querySelector('.aside').textContent = state === 'open' ? '' : ` (${needs.dataset[state]})`
    }
  }
  input.addEventListener('input', look)
  // After "back" a browser may have filled the field by itself.
  if (input.value !== '') look()

  const show = document.createElement('button')
  show.type = 'button'
  show.className = 'link'
  show.textContent = needs.dataset.show
  show.addEventListener('click', () => {
    const hidden = input.type === 'password'
    for (const one of all) one.type = hidden ? 'text' : 'password'
    show.textContent = hidden ? needs.dataset.hide : needs.dataset.show
  })
  needs.append(show)

  const say = (message) => {
    // What the server said is of what was sent before.
    document.querySelector('.errors')?.remove()
    document.getElementById(`${input.id}-error`)?.remove()
    const error = document.createElement('p')
    error.id = `${input.id}-error`
    error.className = 'error'
    error.setAttribute('role', 'alert')
    error.textContent = message
    input.before(error)
    input.setAttribute('aria-invalid', 'true')
    input.setAttribute('aria-describedby', `${error.id} ${needs.id}`)
    const heading = document.querySelector('h1').textContent
    document.title = needs.dataset.errorTitle.replace('{title}', () => heading)
  }
  // Two that differ need not be sent to be found so: whatever else was typed stays.
  input.form.addEventListener('submit', (event) => {
    if (input.value.normalize('NFC') === again.value.normalize('NFC')) {
      for (const one of all) one.type = 'password'
      return
    }
    event.preventDefault()
    for (const one of all) one.value = ''
    look()
    say(needs.dataset.differ)
    input.focus()
  })
}
