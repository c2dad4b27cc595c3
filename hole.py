exec(open("/tmp/idxcoq/gen.py").read().split("out=[]")[0])
rows=[]
def t(*a): rows.append(list(a)); return len(rows)-1
def r(rule,*a): rows.append(R(rule,*a)); return len(rows)-1
v=t("var","v"); z0=t("rat","0"); one=t("rat","1"); m1=t("rat","-1")
inv=t("inv",v); fl=t("floor",inv); ix=t("cond","!=",v,fl,z0)
w=t("var","w",ix); zw=t("mul",z0,w); e=t("add",v,zw)
loc=r("local",["v","w/1"],v,[])
nv=t("mul",m1,v); diff=t("add",e,nv)
same=r("arith",["=",diff],[],[])
a1=r("assume",["!=",v]); d1=r("defined",e,[a1]); a2=r("assume",["=",v]); d2=r("defined",e,[a2])
d=r("cases",["!=",v],d1,d2)
rep=r("replace",loc,same,d,[])
z=t("var","z"); i=t("var","i"); iz=t("mul",i,z); niz=t("mul",m1,iz); u=t("add",one,niz); lg=t("log",u)
az=r("assume",["=",z])
# 1 - i z > 0 from z = 0: u = 1 - i z = 1*1 + (-i) * z
ni=t("mul",m1,i)
pos=r("arith",[">",u],[["1",[],[]]],[[ni,az]])
inner_w=r("local",["z"],lg,[pos]); inner_v=r("local",["z"],z,[])
c=r("compose",rep,[["v",[],inner_v],["w/1",[i],inner_w]])
p=cert("hole",rows,[c])
try: print([verified.statement(th) for th in replay(p.read_bytes()).claims])
except CertificateError as ex: print("REFUSED",ex)
