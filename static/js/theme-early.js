(function(r){try{var s=localStorage,t=s.getItem("mh-theme"),m=s.getItem("mh-me");if(t=="dark"||t=="light")r.dataset.theme=t;if(m)r.dataset.me=m}catch(e){}r.dataset.js=""})(document.documentElement)
