// One choice out of several that stand side by side, radio buttons or tabs: an arrow key takes the neighbour.

const BY: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export function arrows(group: HTMLElement): { destroy: () => void } {
  function key(event: KeyboardEvent): void {
    const by = BY[event.key];
    const all = [...group.querySelectorAll<HTMLElement>('[role="radio"], [role="tab"]')];
    const at = all.indexOf(event.target as HTMLElement);
    if (!by || at < 0) return;
    event.preventDefault();
    const next = all[(at + by + all.length) % all.length]!;
    next.focus();
    next.click();
  }
  group.addEventListener('keydown', key);
  return { destroy: () => group.removeEventListener('keydown', key) };
}
