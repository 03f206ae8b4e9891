(()=>{var{dataset:e}=document.documentElement;try{let t=localStorage.getItem("mh-theme");(t==="dark"||t==="light")&&(e.theme=t);let m=localStorage.getItem("mh-me");m&&(e.me=m)}catch{}e.js="";})();
