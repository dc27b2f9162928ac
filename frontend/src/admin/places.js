// A list keeps its filter, page and scroll position for when one comes back from an entry.
const key = (name) => `mh-place-${name}`;
const list = document.querySelector("[data-keep-place]");

const read = (name) => {
  try {
    return JSON.parse(sessionStorage.getItem(key(name)));
  } catch {
    return null;
  }
};

if (list) {
  const name = list.dataset.keepPlace;
  const here = location.pathname + location.search;
  const place = read(name);
  if (place?.back && place.address === here) scrollTo(0, place.scroll);
  const keep = () => sessionStorage.setItem(key(name), JSON.stringify({ address: here, scroll: scrollY }));
  keep();
  addEventListener("pagehide", keep);
}

for (const link of document.querySelectorAll("a[data-back]")) {
  const place = read(link.dataset.back);
  // Only ever an address of this site: what is kept begins with one slash.
  if (!place || !/^\/(?!\/)/.test(place.address)) continue;
  link.href = place.address;
  link.addEventListener("click", () => sessionStorage.setItem(key(link.dataset.back), JSON.stringify({ ...place, back: true })));
}
